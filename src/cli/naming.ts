import { AdvarenaError } from '../tensor/index.ts';

/** Does work on the graph of a file; its errors name the file. */
export function naming<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof AdvarenaError)) throw cause;
    const where = cause.where === undefined ? file : `${file}, ${cause.where}`;
    throw AdvarenaError.fromJSON({ ...cause.toJSON(), where });
  }
}
