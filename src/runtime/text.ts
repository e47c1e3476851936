import { readFile } from '#files';
import { AdvarenaError } from '../tensor/index.ts';

/**
 * A text file as editors save it: UTF-8, or UTF-16 where it begins with a mark of it. Marks are left out.
 * @param code of the error where it is none: bytes that are no text must not pass as signs that stand for none
 * @throws AdvarenaError with that code; as readFile
 */
export async function readText(path: string, code: string): Promise<string> {
  const bytes = await readFile(path);
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AdvarenaError(code, 'The file is no text in UTF-8.', {
      where: path,
      remedy: 'Save it as UTF-8.',
      cause,
    });
  }
}
