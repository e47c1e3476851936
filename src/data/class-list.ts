import { readText } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

export interface NamedClass {
  /** The name of its folder. */
  folder: string;
  /** What people call it. */
  title: string;
}

/**
 * Reads a list of classes in their order, one a line: the name of a folder, or ImageNet's form `n01440764 tench,
 * Tinca tinca`, in which the folder is the first word. Empty lines are passed over.
 * @throws AdvarenaError CLASS_LIST with the line: a class twice, or fewer than two
 */
export async function readClassList(path: string): Promise<NamedClass[]> {
  const refuse = (message: string, where: string): never => {
    throw new AdvarenaError('CLASS_LIST', message, {
      where,
      remedy: 'Give one class a line, the name of its folder first, in the order of the classes.',
    });
  };
  const classes = new Map<string, NamedClass>();
  const lines = (await readText(path, 'CLASS_LIST')).split(/\r\n|\n|\r/);
  for (const [i, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') continue;
    const [, synset, rest] = /^(n\d{8})[\s,:]+(.+)$/.exec(text) ?? [];
    const folder = (synset ?? text).normalize('NFC');
    if (classes.has(folder)) refuse(`The class "${folder}" stands there twice.`, `${path}, line ${i + 1}`);
    classes.set(folder, { folder, title: rest ?? text });
  }
  if (classes.size < 2) refuse(`At least two classes are needed; the list names ${classes.size}.`, path);
  return [...classes.values()];
}
