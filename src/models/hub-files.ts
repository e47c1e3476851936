import { z } from 'zod';
import { baseName, dirName, exists, joinPath, readFile } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { besideBoth, textOf } from './read-sidecar.ts';

/** What one file of a model hub beside a network says of it, in the words of a sidecar. */
export interface HubFile {
  /** Name of the file. */
  file: string;
  size?: { height: number; width: number };
  channels?: 'RGB' | 'BGR' | 'GRAY';
  /** In the order in which the file has them, one number per channel or one for all. */
  preprocessing?: { mean: readonly number[]; std: readonly number[] };
  classes?: number;
  /** Of the classes, in their order. */
  names?: readonly string[];
  /** What cannot be said in a sidecar, or was not understood: sentences. */
  notes: readonly string[];
}

const names = ['preprocessor_config.json', 'config.json'] as const;

/**
 * The files that model hubs keep beside a network, those of them that are there: beside it, beside what it is a link
 * to, and above a folder `onnx`.
 * @throws AdvarenaError HUB_FILE where one is no JSON object
 */
export async function readHubFiles(model: string): Promise<HubFile[]> {
  const folders = besideBoth(model).map(dirName);
  for (const folder of folders.slice()) if (baseName(folder) === 'onnx') folders.push(dirName(folder));
  const found: HubFile[] = [];
  for (const name of names)
    for (const folder of folders) {
      const path = joinPath(folder, name);
      if (!(await exists(path))) continue;
      const data = parse(textOf(await readFile(path), path), path);
      found.push(name === 'config.json' ? fromConfig(data) : fromPreprocessor(data));
      break;
    }
  return found;
}

type Entries = Readonly<Record<string, unknown>>;

function parse(text: string, where: string): Entries {
  let data: unknown;
  try {
    data = JSON.parse(text.replace(/^\u{FEFF}/u, ''));
  } catch (cause) {
    throw broken('is no JSON', where, cause);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw broken('is no object', where);
  return data as Entries;
}

function broken(what: string, where: string, cause?: unknown): AdvarenaError {
  return new AdvarenaError('HUB_FILE', `The file beside the model ${what}.`, {
    where,
    remedy: 'Mend it or take it away: what it says of the model is read.',
    cause,
  });
}

const pixels = z.int().min(1);
const sizeForms = z.union([
  pixels.transform((side) => ({ height: side, width: side })),
  z.tuple([pixels, pixels]).transform(([height, width]) => ({ height, width })),
  z.looseObject({ height: pixels, width: pixels }).transform(({ height, width }) => ({ height, width })),
  z
    .looseObject({ shortest_edge: pixels })
    .transform((s) => ({ height: s.shortest_edge, width: s.shortest_edge })),
]);
const perChannel = z.union([z.number().transform((v) => [v]), z.array(z.number()).min(1)]);
const perChannelAboveZero = z.union([
  z
    .number()
    .positive()
    .transform((v) => [v]),
  z.array(z.number().positive()).min(1),
]);

/** An entry in one of its known forms; null and absent are the same, and what has another form is noted. */
function readerOf(data: Entries, notes: string[]) {
  return <T>(name: string, form: z.ZodType<T>): T | undefined => {
    const value = data[name];
    if (value === undefined || value === null) return undefined;
    const parsed = form.safeParse(value);
    if (parsed.success) return parsed.data;
    notes.push(`${name} is of a form that is not known and was passed over.`);
    return undefined;
  };
}

/** `preprocessor_config.json` of transformers' image processors, old and new. */
export function fromPreprocessor(data: Entries): HubFile {
  const file = names[0];
  // Processors of several kinds keep that of images apart.
  const inner = data['image_processor'] ?? data['feature_extractor'];
  if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
    return fromPreprocessor(inner as Entries);
  const notes: string[] = [];
  const read = readerOf(data, notes);
  const flag = (name: string): boolean | undefined => read(name, z.boolean());
  const crop = flag('do_center_crop') === false ? undefined : read('crop_size', sizeForms);
  const size = crop ?? (flag('do_resize') === false ? undefined : read('size', sizeForms));
  const kind = read('image_processor_type', z.string()) ?? read('feature_extractor_type', z.string()) ?? '';

  const preprocessing = preprocessingOf(data, kind, notes);
  const flipped = flag('do_flip_channel_order') === true;
  return {
    file,
    ...(size && { size }),
    ...(flipped && { channels: 'BGR' as const }),
    ...(preprocessing && { preprocessing }),
    notes: [...new Set(notes)],
  };
}

/**
 * Level of a pixel times `rescale_factor` (1/255; with `rescale_offset` minus 1), then minus `image_mean`, divided by
 * `image_std`.
 */
function preprocessingOf(data: Entries, kind: string, notes: string[]): HubFile['preprocessing'] {
  const read = readerOf(data, notes);
  const flag = (name: string): boolean | undefined => read(name, z.boolean());
  const told = ['do_rescale', 'rescale_factor', 'do_normalize', 'image_mean', 'image_std'];
  if (!told.some((name) => data[name] !== undefined && data[name] !== null)) return undefined;
  const scale = flag('do_rescale') === false ? 1 : (read('rescale_factor', z.number().positive()) ?? 1 / 255);
  const offset = flag('rescale_offset') === true || flag('offset') === true ? 1 : 0;
  // Of a pixel in [0,1] the level is 255 times as much: (255 scale x - offset - mean) / std.
  const span = 255 * scale;
  const inPixels = (mean: readonly number[], std: readonly number[]): HubFile['preprocessing'] => ({
    mean: mean.map((m) => tidy((m + offset) / span)),
    std: std.map((s) => tidy(s / span)),
  });
  if (flag('do_normalize') === false) return inPixels([0], [1]);
  const mean = read('image_mean', perChannel);
  const std = read('image_std', perChannelAboveZero);
  if (mean === undefined && std === undefined && flag('do_normalize') === undefined)
    return inPixels([0], [1]);
  if (mean === undefined || std === undefined) {
    notes.push('It normalises with numbers that are not in the file.');
    return undefined;
  }
  // This processor divides by the deviations once more, for classification.
  const twice = kind.startsWith('EfficientNet') && flag('include_top') !== false;
  return inPixels(mean, twice ? std.map((s) => s * s) : std);
}

/** Without what rounding adds: 0.5 where 1/255 times 255 makes 0.5000000000000001. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** `config.json` of transformers' models: classes, their names, the size and the channels. */
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
  const classes = read('num_labels', z.int().min(1)) ?? listed?.length;
  // Names that transformers makes up where there are none.
  const called = listed?.some((name) => !/^LABEL_\d+$/.test(name)) === true ? listed : undefined;
  const size = read('image_size', sizeForms);
  const planes = read('num_channels', z.int());
  const kind = read('problem_type', z.string());
  if (kind === 'multi_label_classification')
    notes.push(
      'problem_type is multi_label_classification: several classes hold at once, and the largest score is no answer.',
    );
  else if (kind === 'regression') notes.push('problem_type is regression: the outputs are no classes.');
  return {
    file: names[1],
    ...(size && { size }),
    ...(planes === 1 ? { channels: 'GRAY' as const } : planes === 3 ? { channels: 'RGB' as const } : {}),
    ...(classes !== undefined && { classes }),
    ...(called && { names: called }),
    notes: [...new Set(notes)],
  };
}

/** Names by their numbers 0, 1, ...; undefined where one is left out or there twice. */
function ordered(pairs: readonly (readonly [number, string])[]): string[] | undefined {
  const out: string[] = [];
  for (const [id, name] of pairs) out[id] = name;
  const whole =
    pairs.length > 0 && out.length === pairs.length && !pairs.some((_, i) => out[i] === undefined);
  return whole ? out : undefined;
}
