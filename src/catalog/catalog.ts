import { AdvarenaError, unknownName } from '../tensor/index.ts';
import type { Entry } from './entry.ts';

/** All entries of one kind. */
export interface Catalog<E extends Entry = Entry> {
  /** What messages call an entry: `attack`, `view`, ... */
  readonly kind: string;
  readonly all: readonly E[];
  /** @throws AdvarenaError UNKNOWN_NAME with the nearest name */
  find(name: string): E;
}

/** A catalog of these entries, in this order. */
export function catalogOf<E extends Entry>(kind: string, entries: readonly E[]): Catalog<E> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    kind,
    all: entries,
    find(name) {
      const found = byName.get(name);
      if (found === undefined)
        throw new AdvarenaError('UNKNOWN_NAME', unknownName(kind, name, [...byName.keys()]));
      return found;
    },
  };
}
