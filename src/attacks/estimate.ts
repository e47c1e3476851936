import { addScaled, clone, type Images, type RandomStream, rows, zeros } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { gains } from './gains.ts';
import { addCorner } from './noise.ts';

/** How a gradient is estimated from pairs of neighbours. */
export interface Pairs {
  readonly pairs: number;
  /** Of a neighbour, in units of its direction. */
  readonly distance: number;
  readonly loss: 'margin' | 'cross-entropy';
  /** Fills one image's direction, of mean square 1. */
  readonly draw: (stream: RandomStream, direction: Float32Array) => void;
}

/**
 * The gradient of the attacker's gain at each image, from pairs of neighbours of its own:
 * ĝ = Σ [L(x + δu) − L(x − δu)] u / (2nδ) over n directions u. On an affine loss its mean is the gradient.
 * @param step tells the draws of several estimates apart
 */
export async function estimated(
  { model, batch, goal, random }: Pick<AttackContext, 'model' | 'batch' | 'goal' | 'random'>,
  images: Images,
  step: number,
  { pairs, distance, loss, draw }: Pairs,
): Promise<Images> {
  const estimate = zeros(images.shape);
  const direction = zeros(images.shape);
  const ask = async (by: number): Promise<Float64Array> => {
    const points = clone(images);
    addScaled(points, direction, by);
    return gains(await model.scores({ images: points, ids: batch.ids }), goal, loss);
  };
  for (let pair = 0; pair < pairs; pair++) {
    for (const [i, id] of batch.ids.entries())
      draw(random.stream(id, 'direction', step * pairs + pair), rows(direction, i, i + 1).data);
    const above = await ask(distance);
    const below = await ask(-distance);
    addScaled(
      estimate,
      direction,
      above.map((value, i) => {
        // An answer without numbers says nothing of this direction.
        const slope = (value - (below[i] as number)) / (2 * pairs * distance);
        return Number.isFinite(slope) ? slope : 0;
      }),
    );
  }
  return estimate;
}

/** A normal direction. */
export function normals(stream: RandomStream, direction: Float32Array): void {
  stream.fillNormal(direction, 0, 1);
}

/** ±1 in each entry. */
export function signs(stream: RandomStream, direction: Float32Array): void {
  direction.fill(0);
  addCorner(direction, 1, stream);
}
