import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirName, exists, joinPath, readFile, readText } from '../runtime/index.ts';
import { AdvarenaError, unknownName } from '../tensor/index.ts';
import type { Measured } from './figures.ts';
import { parseRecipe, type ZooEntry } from './recipe.ts';

/** The folder of the networks that ship with the package. */
export const zooFolder = joinPath(dirName(dirName(dirName(fileURLToPath(import.meta.url)))), 'zoo');

/** Names of the folder's networks, sorted. */
export function zooNames(folder = zooFolder): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, RECIPE */
export async function zooEntry(name: string, folder = zooFolder): Promise<ZooEntry> {
  const names = zooNames(folder);
  if (!names.includes(name))
    throw new AdvarenaError('UNKNOWN_NAME', unknownName('network of the zoo', name, names));
  const own = joinPath(folder, name);
  const file = joinPath(own, 'recipe.yaml');
  const recipe = parseRecipe(await readText(file, 'RECIPE'), file);
  const model = joinPath(own, 'model.onnx');
  return { name, folder: own, recipe, model: (await exists(model)) ? model : undefined };
}

/** Path of the ONNX file. @throws AdvarenaError ZOO_SOURCE where the network has not been trained */
export function trainedModel(entry: ZooEntry): string {
  if (entry.model !== undefined) return entry.model;
  throw new AdvarenaError('ZOO_SOURCE', `The network ${entry.name} has not been trained yet.`, {
    remedy: `${howToTrain(entry)}, or name its file with --model.`,
  });
}

/** What to do where a network of the zoo is wanted and not there: a training goes elsewhere by default. */
export function howToTrain({ name, folder }: ZooEntry): string {
  return `Train it into the zoo: advarena zoo train ${name} --out ${folder}`;
}

/** What was measured of a network; undefined before the first measurement. */
export async function measuredOf({ folder }: ZooEntry): Promise<Measured | undefined> {
  const file = joinPath(folder, 'measured.json');
  if (!(await exists(file))) return undefined;
  return JSON.parse(new TextDecoder().decode(await readFile(file))) as Measured;
}

/** All networks, by name. @throws AdvarenaError as {@link zooEntry} */
export function zooEntries(folder = zooFolder): Promise<ZooEntry[]> {
  return Promise.all(zooNames(folder).map((name) => zooEntry(name, folder)));
}
