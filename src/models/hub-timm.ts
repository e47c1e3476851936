import { z } from 'zod';
import type { HubFile } from './hub-file.ts';
import { defaultsNote, numbers, numbersAboveZero, readerOf, resizingNote } from './hub-reader.ts';
import { type Entries, isEntries } from './json.ts';
import { imagenet } from './known-preprocessings.ts';

/**
 * What timm's `config.json` says of images: `pretrained_cfg`, in old files at the top. What it leaves out is what timm
 * does without (`resolve_data_config`): ImageNet's mean and std, 224 pixels, bicubic, 0.875 of the side cut out.
 * @param notes what cannot be said in a sidecar is added to them
 * @returns undefined where the file is none of timm's
 */
export function fromTimm(
  data: Entries,
  notes: string[],
): Pick<HubFile, 'size' | 'channels' | 'preprocessing' | 'classes' | 'names'> | undefined {
  const nested = data['pretrained_cfg'];
  const old = typeof data['architecture'] === 'string' && ('input_size' in data || 'mean' in data);
  if (!isEntries(nested) && !old) return undefined;
  const read = readerOf(isEntries(nested) ? nested : data, notes);
  const readTop = readerOf(data, notes);
  const side = z.int().min(1);
  const [channels, height, width] = read('input_size', z.tuple([side, side, side])) ?? [3, 224, 224];
  const said = { mean: read('mean', numbers), std: read('std', numbersAboveZero) };
  const { mean = imagenet.mean, std = imagenet.std } = said;
  const open = (['mean', 'std'] as const).filter((name) => said[name] === undefined);
  notes.push(...defaultsNote(open, 'timm'));
  const filter = read('interpolation', z.string()) ?? 'bicubic';
  const share = read('crop_pct', z.number().positive()) ?? 0.875;
  const mode = read('crop_mode', z.string()) ?? 'center';
  const [tall, wide] = [Math.floor(height / share), Math.floor(width / share)];
  const steps: Readonly<Record<string, string>> = {
    center: height === width ? `the shorter side to ${tall} pixels` : `images to cover ${tall}x${wide}`,
    squash: `images to ${tall}x${wide}`,
    border: `the longer side to ${Math.max(tall, wide)} pixels, filled up`,
  };
  const cut = share === 1 && mode !== 'center' ? '' : ` and cuts out the middle ${height}x${width}`;
  notes.push(resizingNote(`scales ${steps[mode] ?? `images (${mode})`} (${filter})${cut}`));
  const classes =
    readTop('num_classes', z.int().min(0)) ??
    readTop('num_labels', z.int().min(0)) ??
    read('num_classes', side);
  const names = readTop('label_names', z.union([z.array(z.string()), z.record(z.string(), z.string())]));
  return {
    size: { height, width },
    ...(channels === 1 || channels === 3
      ? { channels: channels === 1 ? ('GRAY' as const) : ('RGB' as const) }
      : {}),
    preprocessing: { mean, std },
    ...(classes !== undefined && classes > 0 && { classes }),
    ...(Array.isArray(names) && { names }),
  };
}
