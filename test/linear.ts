import { answersOf, type Classifier } from '../src/models/index.ts';
import { type Images, type InputSize, rowSize, tensor } from '../src/tensor/index.ts';

/** z = W x, a row of W per class, without a runtime: answers with scores alone, and shows what it was asked. */
export function linear(
  weights: readonly Float64Array[],
  [channels, height, width]: readonly [number, number, number],
  seen?: (images: Images) => void,
): Classifier {
  const input: InputSize = { channels, height, width };
  return Object.freeze<Classifier>({
    name: 'linear',
    input,
    classes: weights.length,
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    rowsPerRun: 64,
    random: false,
    depth: 0,
    answers: ({ images, ids }) => {
      seen?.(images);
      const size = rowSize(images);
      const out = new Float32Array(ids.length * weights.length);
      for (let n = 0; n < ids.length; n++)
        for (const [k, w] of weights.entries()) {
          let sum = 0;
          for (let i = 0; i < size; i++) sum += (w[i] as number) * (images.data[n * size + i] as number);
          out[n * weights.length + k] = sum;
        }
      return Promise.resolve(answersOf(tensor(out, [ids.length, weights.length])));
    },
    gradient: () => {
      throw new Error('it answers with scores alone');
    },
    release: () => Promise.resolve(),
  });
}
