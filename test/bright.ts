import { type Classifier, graphClassifier } from '../src/models/index.ts';
import { tensor } from '../src/tensor/index.ts';
import { imageGraph } from './small-models.ts';

/** Two classes by the sum of four pixels: class 1 where it is above 2. */
export function bright(): Classifier {
  const weight = tensor(Float32Array.from([-1, 1, -1, 1, -1, 1, -1, 1]), [4, 2]);
  const bias = tensor(Float32Array.from([2, -2]), [2]);
  const image = imageGraph(
    { channels: 1, height: 2, width: 2 },
    (b, images) =>
      b.op('Gemm', [b.op('Flatten', [images], { axis: 1 }), b.constant(weight), b.constant(bias)]),
    { maxRows: 64 },
  );
  return graphClassifier(image, { name: 'bright' });
}

/** Grey levels 100 (sum 1.57, class 0), 130 (2.04, class 1), 200 (3.1, class 1). */
export const brightImages = tensor<'uint8'>(
  Uint8Array.from([100, 130, 200].flatMap((v) => [v, v, v, v])),
  [3, 1, 2, 2],
  'uint8',
);
