import { addScaled, clone, type Images, rowSize, rows, zeros } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import type { How, Where } from './iterate.ts';
import { reach } from './step.ts';

/**
 * g ← decay·g + ∇/mean|∇|, which the gradient becomes (Dong et al. 2017, arXiv:1710.06081, eq. 6). The mean stands for
 * the paper's L1 norm, as in the authors' code: the directions are the same, and what NI looks ahead by is a step. A zero gradient adds nothing, so that an image can move again later.
 * @param kept g, of the images' shape
 */
export function momentum(decay: number, kept: Images): How {
  const size = rowSize(kept);
  return ({ data }) => {
    for (let from = 0; from < data.length; from += size) {
      let sum = 0;
      for (let i = from; i < from + size; i++) sum += Math.abs(data[i] as number);
      const factor = sum > 0 ? size / sum : 0;
      for (let i = from; i < from + size; i++) {
        const g = decay * (kept.data[i] as number) + factor * (data[i] as number);
        kept.data[i] = g;
        data[i] = g;
      }
    }
  };
}

/**
 * g ← decay·g + ∇/σ(∇), then g ← g/σ(g), with the standard deviation of an image's entries; the gradient becomes g
 * rounded, ties to even, and held within ±2: TSAIL's steps of whole multiples. A gradient of one value adds nothing.
 * @param kept g, of the images' shape
 */
export function standardised(decay: number, kept: Images): How {
  const size = rowSize(kept);
  const divided = (x: Float32Array): void => {
    const mean = x.reduce((a, v) => a + v, 0) / size;
    const deviation = Math.sqrt(x.reduce((a, v) => a + (v - mean) ** 2, 0) / size);
    for (let i = 0; i < size; i++) x[i] = deviation > 0 ? (x[i] as number) / deviation : 0;
  };
  return ({ data }) => {
    for (let from = 0; from < data.length; from += size) {
      const [own, g] = [data.subarray(from, from + size), kept.data.subarray(from, from + size)];
      divided(own);
      for (let i = 0; i < size; i++) g[i] = decay * (g[i] as number) + (own[i] as number);
      divided(g);
      for (let i = 0; i < size; i++) own[i] = Math.min(2, Math.max(-2, nearestEven(g[i] as number)));
    }
  };
}

function nearestEven(x: number): number {
  const below = Math.floor(x);
  const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
  return up ? below + 1 : below;
}

/**
 * Nesterov's point: asked where the momentum leads (Lin et al. 2019, arXiv:1908.06281, eq. 6). It may lie outside the
 * ball and the pixel range, as in the authors' code.
 * @param kept the momentum
 * @param sizes how far it leads, per row
 */
export function ahead(kept: Images, sizes: Float64Array): Where {
  return (images, _step, at) => {
    const points = clone(images);
    addScaled(points, kept, sizes);
    return at(points);
  };
}

/**
 * ∇ + v, and then v ← the mean of ∇ over a neighbourhood − ∇, for the next step (Wang and He 2021, arXiv:2103.15571, eq.
 * 7 and 8). Neighbours are uniform in a cube about the image, as in the authors' code.
 * @param options.within half the side of the cube, as a multiple of epsilon
 */
export function varianceTuned(
  { batch, limit, random }: AttackContext,
  { draws, within }: { draws: number; within: number },
): Where {
  // The paper has linf alone; in l2 a corner of the cube is as far away as it says.
  const scale = limit.spec.norm === 'linf' ? 1 : Math.sqrt(rowSize(batch.images));
  const radii = reach(limit).map((radius) => (within * radius) / scale);
  let variance = zeros(batch.images.shape);
  return async (images, step, at) => {
    const gradient = await at(images);
    const around = zeros(images.shape);
    for (let draw = 0; draw < draws; draw++) {
      const noise = zeros(images.shape);
      for (const [i, id] of batch.ids.entries())
        random.stream(id, 'neighbour', step * draws + draw).fillUniform(rows(noise, i, i + 1).data, -1, 1);
      const points = clone(images);
      addScaled(points, noise, radii);
      addScaled(around, await at(points), 1 / draws);
    }
    const tuned = clone(gradient);
    addScaled(tuned, variance, 1);
    addScaled(around, gradient, -1);
    variance = around;
    return tuned;
  };
}
