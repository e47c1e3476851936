import { z } from 'zod';
import { baseName, dirName, exists, joinPath, readText } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import type { HubFile } from './hub-file.ts';
import { fromPreprocessor } from './hub-preprocessor.ts';
import { readerOf, sizeForms } from './hub-reader.ts';
import { fromTimm } from './hub-timm.ts';
import { type Entries, isEntries, JsonFault, readJson } from './json.ts';
import { besideBoth } from './read-sidecar.ts';

/**
 * The files that model hubs keep beside a network, those of them that are there: beside it, beside what it is a link
 * to, and above a folder `onnx`.
 * @throws AdvarenaError HUB_FILE where one is no JSON object
 */
export async function readHubFiles(model: string): Promise<HubFile[]> {
  const folders = besideBoth(model).map(dirName);
  for (const folder of folders.slice()) if (baseName(folder) === 'onnx') folders.push(dirName(folder));
  const read = async (name: string): Promise<Entries | undefined> => {
    for (const folder of folders) {
      const path = joinPath(folder, name);
      if (await exists(path)) return parse(await readText(path, 'HUB_FILE'), path);
    }
    return undefined;
  };
  const [preprocessor, config] = [await read('preprocessor_config.json'), await read('config.json')];
  const kind = config?.['model_type'];
  return [
    ...(preprocessor === undefined
      ? []
      : [fromPreprocessor(preprocessor, typeof kind === 'string' ? kind : undefined)]),
    ...(config === undefined ? [] : [fromConfig(config)]),
  ];
}

function parse(text: string, where: string): Entries {
  let data: unknown;
  try {
    ({ data } = readJson(text.replace(/^\u{FEFF}/u, '')));
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    throw broken(fault.message, where, fault);
  }
  if (!isEntries(data)) throw broken('is no object', where);
  return data;
}

function broken(what: string, where: string, cause?: unknown): AdvarenaError {
  return new AdvarenaError('HUB_FILE', `The file beside the model ${what}.`, {
    where,
    remedy: 'Mend it or take it away: what it says of the model is read.',
    cause,
  });
}

/** `config.json` of transformers' and timm's models: classes, their names, the size and the channels. */
export function fromConfig(data: Entries): HubFile {
  const notes: string[] = [];
  const read = readerOf(data, notes);
  const texts = z.record(z.string(), z.union([z.string(), z.number()]));
  const byId = read(
    'id2label',
    z.union([texts, z.array(z.string()).transform((list) => Object.fromEntries(list.entries()))]),
  );
  const byLabel = read('label2id', z.record(z.string(), z.union([z.number(), z.string()])));
  const listed =
    ordered(Object.entries(byId ?? {}).map(([id, name]) => [Number(id), String(name)])) ??
    ordered(Object.entries(byLabel ?? {}).map(([name, id]) => [Number(id), name]));
  if (listed === undefined && (byId ?? byLabel) !== undefined)
    notes.push('id2label and label2id name not every class from 0 on and were passed over.');
  const against = contradiction(byId ?? {}, byLabel ?? {});
  if (against !== undefined) notes.push(against);
  const classes = read('num_labels', z.int().min(1)) ?? listed?.length;
  const called = listed?.some((name) => !madeUp.test(name)) === true ? listed : undefined;
  const size = read('image_size', sizeForms);
  const planes = read('num_channels', z.int());
  const kind = read('problem_type', z.string());
  if (kind === 'multi_label_classification')
    notes.push(
      'problem_type is multi_label_classification: several classes hold at once, and the largest score is no answer.',
    );
  else if (kind === 'regression') notes.push('problem_type is regression: the outputs are no classes.');
  const timm = fromTimm(data, notes);
  return {
    file: 'config.json',
    ...(size && { size: { height: size.height, width: size.width } }),
    ...(planes === 1 ? { channels: 'GRAY' as const } : planes === 3 ? { channels: 'RGB' as const } : {}),
    ...(classes !== undefined && { classes }),
    ...timm,
    ...(called && { names: called }),
    notes: [...new Set(notes)],
  };
}

/** Names that transformers makes up where there are none. */
const madeUp = /^LABEL_\d+$/;

/** A class that has two names. Of classes of one name `label2id` holds the last alone. */
function contradiction(
  byId: Readonly<Record<string, string | number>>,
  byLabel: Readonly<Record<string, string | number>>,
): string | undefined {
  const names = new Map(Object.entries(byId).map(([id, name]) => [Number(id), String(name)]));
  if ([...names.values(), ...Object.keys(byLabel)].some((name) => madeUp.test(name))) return undefined;
  for (const [name, id] of Object.entries(byLabel)) {
    const other = names.get(Number(id));
    if (names.size === 0 || other === name) continue;
    const said = other === undefined ? 'not there' : `"${other}"`;
    return `id2label and label2id contradict each other: class ${id} is ${said} by the one and "${name}" by the other. id2label counts.`;
  }
  return undefined;
}

/** Names by their numbers 0, 1, ...; undefined where one is left out or there twice. */
function ordered(pairs: readonly (readonly [number, string])[]): string[] | undefined {
  const out: string[] = [];
  for (const [id, name] of pairs) out[id] = name;
  const whole =
    pairs.length > 0 && out.length === pairs.length && !pairs.some((_, i) => out[i] === undefined);
  return whole ? out : undefined;
}
