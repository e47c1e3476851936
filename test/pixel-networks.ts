import { behind, type Classifier, over } from '../src/models/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import type { InputSize, RandomSource, Tensor } from '../src/tensor/index.ts';
import { normal, small } from './small-models.ts';

/** A convolution, a rectifier and a linear head, of random weights that follow from the name. */
export function convolution(
  name: string,
  { height, width, channels }: InputSize,
  classes: number,
): (b: GraphBuilder, images: string) => string {
  return (b, images) => {
    const kernel = b.constant(normal(`${name} kernel`, [8, channels, 3, 3], 0.4), 'kernel');
    const map = b.op('Relu', [b.op('Conv', [b.op('Sub', [images, b.scalar(0.5)]), kernel])]);
    const head = b.constant(normal(`${name} head`, [8 * (height - 2) * (width - 2), classes], 0.5), 'head');
    return b.op('MatMul', [b.op('Flatten', [map], { axis: 1 }), head]);
  };
}

/** z = W x. @param weights [entries of an image, classes] */
export function affine(name: string, input: InputSize, weights: Tensor): Classifier {
  const build = (b: GraphBuilder, images: string): string =>
    b.op('MatMul', [b.op('Flatten', [images], { axis: 1 }), b.constant(weights, 'weights')]);
  return small(input, build, name);
}

/** The model behind normal noise on every pixel, a draw for each question. */
export function noisy(model: Classifier, random: RandomSource, deviation = 0.05): Classifier {
  const shape = ({ channels, height, width }: InputSize): number[] => [channels, height, width];
  return behind(
    {
      name: 'noise',
      draws: {
        shapes: (input) => ({ noise: shape(input) }),
        fill: ({ noise }, stream) => stream.fillNormal(noise as Float32Array, 0, deviation),
      },
      graph(input) {
        const b = new GraphBuilder(undefined, { name: 'noise' });
        const images = b.input('images', 'float32', ['N', ...shape(input)]);
        b.output(b.op('Add', [images, b.input('noise', 'float32', ['N', ...shape(input)])]), 'images_out');
        return b.finish();
      },
    },
    model,
    random,
  );
}

/** Rows that a model was asked, by what it was asked for. */
export interface Asks {
  answers: number;
  gradients: number;
}

/** The model with a count of its own of the rows that it is asked. */
export function counting(model: Classifier): { model: Classifier; asks: Asks } {
  const asks: Asks = { answers: 0, gradients: 0 };
  return {
    asks,
    model: over(model, {
      answers(q) {
        asks.answers += q.ids.length;
        return model.answers(q);
      },
      gradient(q, objective, given) {
        asks.gradients += q.ids.length;
        return model.gradient(q, objective, given);
      },
    }),
  };
}
