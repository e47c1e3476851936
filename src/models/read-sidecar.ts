import { exists, readFile, realPathSync } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { sidecarOf } from './infer-sidecar.ts';
import type { JsonSource } from './json.ts';
import { type SidecarEntries, sidecarIn } from './sidecar.ts';

/** A sidecar that was read. */
export interface SidecarFile {
  /** None where there is no sidecar. */
  file: string | undefined;
  entries: SidecarEntries;
  /** Its numbers as they are written. */
  source?: JsonSource;
}

/**
 * The sidecar of an ONNX file, which exists: beside it, else beside the file that it is a link to.
 * @returns no file and no entries where there is none
 * @throws AdvarenaError SIDECAR, FILE_UNREADABLE
 */
export async function readSidecar(model: string): Promise<SidecarFile> {
  for (const file of besideBoth(model).map(sidecarOf)) if (await exists(file)) return readSidecarFile(file);
  return { file: undefined, entries: {} };
}

/** A sidecar by its own path. @throws AdvarenaError SIDECAR, FILE_UNREADABLE */
export async function readSidecarFile(file: string): Promise<SidecarFile> {
  return { file, ...sidecarIn(textOf(await readFile(file), file), file) };
}

/** The path of a file, and that of the file that it is a link to. */
export function besideBoth(path: string): string[] {
  return [...new Set([path, realPathSync(path)])];
}

/** Text of bytes as editors save it: UTF-8, or UTF-16 where it begins with a mark of it. @throws AdvarenaError SIDECAR */
export function textOf(bytes: Uint8Array, where: string): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AdvarenaError('SIDECAR', 'The file is no text in UTF-8.', {
      where,
      remedy: 'Save it as UTF-8.',
      cause,
    });
  }
}
