import { type Classifier, graphClassifier } from '../src/models/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import { tensor } from '../src/tensor/index.ts';

/** Two classes by the sum of four pixels: class 1 where it is above 2. */
export function bright(): Classifier {
  const b = new GraphBuilder(undefined, { name: 'bright' });
  const x = b.op('Flatten', [b.input('images', 'float32', ['N', 1, 2, 2])], { axis: 1 });
  const weight = tensor(Float32Array.from([-1, 1, -1, 1, -1, 1, -1, 1]), [4, 2]);
  const bias = tensor(Float32Array.from([2, -2]), [2]);
  const out = b.output(b.op('Gemm', [x, b.constant(weight), b.constant(bias)]), 'logits');
  return graphClassifier(
    {
      graph: b.finish(),
      input: { channels: 1, height: 2, width: 2 },
      classes: 2,
      heads: [{ logits: out, weight: 1 }],
      flags: [],
      indexOffset: 0,
      labelOffset: 0,
      maxRows: 64,
    },
    { name: 'bright' },
  );
}

/** Grey levels 100 (sum 1.57, class 0), 130 (2.04, class 1), 200 (3.1, class 1). */
export const brightImages = tensor<'uint8'>(
  Uint8Array.from([100, 130, 200].flatMap((v) => [v, v, v, v])),
  [3, 1, 2, 2],
  'uint8',
);
