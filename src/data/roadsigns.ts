import { randomOf, tensor } from '../tensor/index.ts';
import { imageSize } from './roadsigns/canvas.ts';
import {
  checkNames,
  drawsOf,
  type Nuisance,
  nuisances,
  type RoadsignPart,
  roadsignParts,
} from './roadsigns/parameters.ts';
import type { Pose } from './roadsigns/pose.ts';
import { photograph } from './roadsigns/render.ts';
import { roadsignClasses } from './roadsigns/signs.ts';
import type { Dataset } from './types.ts';

export { type Nuisance, nuisances, type Pose, type RoadsignPart, roadsignClasses, roadsignParts };

export interface RoadsignOptions {
  /** Keep it secret to keep the images secret: whoever has it can make them again. */
  seed: number | string;
  /** Parts share no random number. */
  part: RoadsignPart;
  /** Nuisances to leave out; the others stay as they are. */
  off?: readonly Nuisance[];
}

export interface Roadsign {
  /** `final-000012` */
  id: string;
  /** 8-bit sRGB levels, [3, 64, 64]. */
  image: Uint8Array;
  /** Index in {@link roadsignClasses}. */
  label: number;
  /** Another class, each equally likely. */
  target: number;
  /** Where the sign is, in pixels. */
  pose: Pose;
  /** 1 where most of a pixel shows the sign, 0 elsewhere and where something stands before it. [64, 64] */
  mask: Uint8Array;
}

/**
 * Renders one photograph of a road sign. Equal arguments give equal bytes. Each run of 16 indices from a multiple of
 * 16 holds every class once, in random order.
 * @param index a whole number from 0
 * @throws RangeError for another index
 * @throws AdvarenaError ARGUMENT for an unknown part or nuisance
 */
export async function renderRoadsign({
  seed,
  part,
  index,
  off = [],
}: RoadsignOptions & { index: number }): Promise<Roadsign> {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`index ${index} is not a whole number from 0`);
  checkNames(part, off);
  const id = `${part}-${String(index).padStart(6, '0')}`;
  const random = randomOf(seed, `roadsigns/${part}`);
  const classes = roadsignClasses.length;
  const order = random.stream('', 'labels', Math.floor(index / classes)).permutation(classes);
  const label = order[index % classes] as number;
  const target = (label + 1 + random.stream(id, 'target').integer(classes - 1)) % classes;
  return { id, label, target, ...(await photograph(label, drawsOf(random, id, off))) };
}

/**
 * The first `count` photographs of a part: 64x64 RGB, 16 classes counted from 0, as even in number as can be.
 * @param onProgress called with the number of photographs that are done
 * @throws RangeError if count is not a whole number from 1
 * @throws AdvarenaError ARGUMENT as {@link renderRoadsign}
 */
export async function roadsigns({
  count,
  onProgress,
  ...options
}: RoadsignOptions & { count: number; onProgress?: (done: number) => void }): Promise<Dataset> {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new RangeError(`count ${count} is not a whole number from 1`);
  const size = 3 * imageSize * imageSize;
  const data = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  const targets = new Int32Array(count);
  const ids: string[] = [];
  for (let from = 0; from < count; from += 8) {
    // While the codec works on some, the next are painted.
    const indices = Array.from({ length: Math.min(8, count - from) }, (_, i) => from + i);
    for (const sign of await Promise.all(indices.map((index) => renderRoadsign({ ...options, index })))) {
      const i = ids.push(sign.id) - 1;
      data.set(sign.image, i * size);
      labels[i] = sign.label;
      targets[i] = sign.target;
    }
    onProgress?.(ids.length);
  }
  return {
    name: `roadsigns ${options.part}`,
    ids,
    images: tensor(data, [count, 3, imageSize, imageSize], 'uint8'),
    labels,
    targets,
    labelOffset: 0,
    classes: roadsignClasses.length,
    classNames: roadsignClasses,
  };
}
