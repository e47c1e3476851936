import { exists, readText, realPathSync } from '../runtime/index.ts';
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
  return { file, ...sidecarIn(await readText(file, 'SIDECAR'), file) };
}

/** The path of a file, and that of the file that it is a link to. */
export function besideBoth(path: string): string[] {
  return [...new Set([path, realPathSync(path)])];
}
