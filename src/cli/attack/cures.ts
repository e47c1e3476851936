import type { Flag } from '../../models/index.ts';
import type { AttackFlags } from './flags.ts';

/** Flags of which labelled images may tell what is wrong. */
const cured: ReadonlySet<string> = new Set([
  'CLEAN_AT_CHANCE',
  'NO_PREPROCESSING',
  'NO_SIDECAR',
  'PREPROCESSING_GUESSED',
]);

/**
 * Flags with the command that tries preprocessings on the same images, to be copied.
 * @param models files by the names that flags call them
 */
export function withCures(
  flags: readonly Flag[],
  models: ReadonlyMap<string, string>,
  given: Pick<AttackFlags, 'images' | 'labels' | 'size' | 'input'>,
): Flag[] {
  // Of two names that begin alike the longer is meant.
  const byName = [...models].toSorted(([a], [b]) => b.length - a.length);
  return flags.map((flag) => {
    // Messages begin with the model, or with what is its.
    const [, file] =
      byName.find(([name]) =>
        new RegExp(`^(?:The [a-z ]+ of )?${RegExp.escape(name)} `).test(flag.message),
      ) ?? [];
    if (!cured.has(flag.code) || file === undefined) return flag;
    const said = flag.message.replace(/: advarena sidecar MODEL\.onnx\.$/, '.');
    return { ...flag, message: `${said} Labelled images may tell: ${commandFor(file, given)}` };
  });
}

function commandFor(
  file: string,
  { images, labels, size, input = {} }: Parameters<typeof withCures>[2],
): string {
  const numbers = Object.entries(input).filter(([, value]) => typeof value !== 'string');
  const words = [
    'advarena',
    'sidecar',
    file,
    '--images',
    images,
    ...(labels === undefined ? [] : ['--labels', labels]),
    ...(size === undefined ? [] : ['--size', String(size)]),
    ...numbers.flatMap(([name, value]) => ['--input', `${name}=${String(value)}`]),
    '--force',
  ];
  return words.map(quoted).join(' ');
}

/** A word as shells read it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
