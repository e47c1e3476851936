import { z } from 'zod';
import type { HubFile } from './hub-file.ts';
import { type ProcessorDefaults, processorOf } from './hub-processors.ts';
import { defaultsNote, numbers, numbersAboveZero, readerOf, resizingNote, sizeForms } from './hub-reader.ts';
import { type Entries, isEntries } from './json.ts';

/**
 * `preprocessor_config.json` of transformers' image processors, old and new. What it leaves out is what its class does
 * without; what a sidecar cannot say is noted.
 * @param model `model_type` of the `config.json` beside it, which tells the class where the file does not
 */
export function fromPreprocessor(data: Entries, model?: string): HubFile {
  // Processors of several kinds keep that of images apart.
  const inner = data['image_processor'] ?? data['feature_extractor'];
  if (isEntries(inner)) return fromPreprocessor(inner, model);
  const notes: string[] = [];
  const read = readerOf(data, notes);
  const flag = (name: string): boolean | undefined => read(name, z.boolean());
  const type = read('image_processor_type', z.string()) ?? read('feature_extractor_type', z.string());
  const known = processorOf(type, model);
  const defaults = known?.defaults;
  if (defaults?.beyond !== undefined) notes.push(defaults.beyond);
  const said = preprocessingOf(data, known, notes);
  const size = sizeOf(data, known, notes);
  const flips = flag('do_flip_channel_order');
  if (flips === undefined && defaults?.flips === true)
    notes.push(`do_flip_channel_order is not in the file: ${known?.name} turns RGB into BGR.`);
  const flipped = flips ?? defaults?.flips ?? false;
  const even = said === undefined || new Set(said.mean).size + new Set(said.std).size === 2;
  if (flipped && !even)
    notes.push(
      'It normalises and turns RGB into BGR, and the file does not say which comes first: mean and std were left out.',
    );
  const preprocessing = flipped && !even ? undefined : said;
  return {
    file: 'preprocessor_config.json',
    ...(size && { size }),
    ...(flipped && { channels: 'BGR' as const }),
    ...(preprocessing && { preprocessing }),
    notes: [...new Set(notes)],
  };
}

/** Filters by their numbers in Pillow. */
const filters = ['nearest', 'Lanczos', 'bilinear', 'bicubic', 'box', 'Hamming'];

/** The size of what the network gets, with a note on how images come to it. */
function sizeOf(data: Entries, known: ReturnType<typeof processorOf>, notes: string[]): HubFile['size'] {
  const defaults: ProcessorDefaults | undefined = known?.defaults;
  const read = readerOf(data, notes);
  const flag = (name: string): boolean | undefined => read(name, z.boolean());
  const open: string[] = [];
  const sides = (name: string, side: number | undefined): ReturnType<typeof sizeForms.parse> | undefined => {
    if (side === undefined || (data[name] !== undefined && data[name] !== null)) return read(name, sizeForms);
    open.push(name);
    return { height: side, width: side };
  };
  const resized = flag('do_resize') === false ? undefined : sides('size', defaults?.middle?.[0]);
  const crops = flag('do_center_crop');
  const cut = (crops ?? defaults?.crops !== false) ? sides('crop_size', defaults?.middle?.[1]) : undefined;
  if (crops === true && known === undefined && cut === undefined) {
    notes.push('It cuts out the middle, and how much of it is not in the file: the size was left out.');
    return undefined;
  }
  notes.push(...defaultsNote(open, known?.name));
  const single = typeof data['size'] === 'number' || open.includes('size');
  const scaled = resized && single && defaults?.shorter === true ? { ...resized, shorter: true } : resized;
  const share = read('crop_pct', z.number().positive()) ?? defaults?.share ?? 1;
  const filter = filters[read('resample', z.int()) ?? -1];
  const text = ({ height, width }: { height: number; width: number }): string => `${height}x${width}`;
  const by = filter === undefined ? '' : ` (${filter})`;
  const byScale = defaults?.crops === 'first' || defaults?.squares === true;
  const last = byScale ? (scaled ?? cut) : (cut ?? scaled);
  if (last === undefined) return undefined;
  const size = { height: last.height, width: last.width };
  const side = (length: number): string => `scales the shorter side to ${length} pixels${by}`;
  if (defaults?.squares === true && scaled?.shorter === true) {
    // Whatever the file says of cutting.
    notes.push(
      resizingNote(
        scaled.height < 384
          ? `${side(Math.floor(scaled.height / share))} and cuts out the middle ${text(size)}`
          : `scales images to ${text(size)}${by}`,
      ),
    );
    return size;
  }
  if (cut !== undefined && defaults?.crops === 'first')
    notes.push(
      resizingNote(
        `cuts out the middle square of ${size.height}/${cut.height} of the shorter side and scales it to ${text(size)}${by}`,
      ),
    );
  else if (cut !== undefined)
    notes.push(
      resizingNote(
        `${scaled === undefined ? '' : scaled.shorter === true ? `${side(Math.floor(scaled.height / share))} and ` : `scales images to ${text(scaled)}${by} and `}cuts out the middle ${text(cut)}`,
      ),
    );
  else if (scaled?.shorter === true)
    notes.push(
      `${resizingNote(`${side(scaled.height)} and cuts nothing off`)} The network then gets images that are no squares; ${text(size)} is right for squares alone.`,
    );
  else if (scaled !== undefined) notes.push(resizingNote(`scales images to ${text(size)}${by}`));
  return size;
}

/**
 * Level of a pixel times `rescale_factor` (1/255; with `rescale_offset` minus 1), then minus `image_mean`, divided by
 * `image_std`.
 */
function preprocessingOf(
  data: Entries,
  known: ReturnType<typeof processorOf>,
  notes: string[],
): HubFile['preprocessing'] {
  const read = readerOf(data, notes);
  const flag = (name: string): boolean | undefined => read(name, z.boolean());
  const told = ['do_rescale', 'rescale_factor', 'do_normalize', 'image_mean', 'image_std'];
  if (known === undefined && !told.some((name) => data[name] !== undefined && data[name] !== null))
    return undefined;
  const rescales = flag('do_rescale') !== false;
  const scale = rescales ? (read('rescale_factor', z.number().positive()) ?? 1 / 255) : 1;
  const offset = rescales && (flag('rescale_offset') === true || flag('offset') === true) ? 1 : 0;
  // Of a pixel in [0,1] the level is 255 times as much: (255 scale x - offset - mean) / std.
  const span = 255 * scale;
  const inPixels = (mean: readonly number[], std: readonly number[]): HubFile['preprocessing'] => ({
    mean: mean.map((m) => tidy((m + offset) / span)),
    std: std.map((s) => tidy(s / span)),
  });
  const own = known?.defaults.normalizes;
  const says = { mean: read('image_mean', numbers), std: read('image_std', numbersAboveZero) };
  const whole = says.mean !== undefined && says.std !== undefined;
  const normalizes = flag('do_normalize') ?? (known === undefined ? whole || undefined : own !== undefined);
  if (normalizes === undefined) {
    notes.push(
      'Whether it normalises is not in the file, and its class is not known: mean and std were left out.',
    );
    return undefined;
  }
  if (known !== undefined && own === undefined && (says.mean ?? says.std) !== undefined)
    notes.push(`${known.name} does not normalise: image_mean and image_std are not used.`);
  if (!normalizes || (known !== undefined && own === undefined)) return inPixels([0], [1]);
  const { mean = own?.mean, std = own?.std } = says;
  if (mean === undefined || std === undefined) {
    notes.push('It normalises with numbers that are not in the file.');
    return undefined;
  }
  const open = (['mean', 'std'] as const).filter((name) => says[name] === undefined);
  notes.push(
    ...defaultsNote(
      open.map((name) => `image_${name}`),
      known?.name,
    ),
  );
  // This processor divides by the deviations once more, for classification.
  const twice = known?.name.startsWith('EfficientNet') === true && flag('include_top') !== false;
  return inPixels(mean, twice ? std.map((s) => s * s) : std);
}

/** Without what rounding adds: 0.5 where 1/255 times 255 makes 0.5000000000000001. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
