import { z } from 'zod';
import {
  type Answers,
  type Asked,
  behind,
  type Classifier,
  type Net,
  type Objective,
  over,
  type Stage,
  scoresOf,
  softmax,
} from '../models/index.ts';
import type { GraphBuilder } from '../onnx/index.ts';
import type { InputSize, RandomSource } from '../tensor/index.ts';
import { bitDepth } from './bit-depth.ts';
import { defineDefense } from './define.ts';
import { median } from './median.ts';

/**
 * A detector: it abstains where squeezing the image moves the probabilities further, in L1, than a threshold; else it
 * answers as the network does. Its number `reject` (positive: declined) is there for objectives too, by the squeezers'
 * differentiable twins.
 */
export const featureSqueezing = defineDefense({
  name: 'feature-squeezing',
  title: 'Feature squeezing (detector)',
  paper: 'Xu et al. 2017, arXiv:1704.01155, section 5: joint detection, squeezers of bit depth and median',
  options: z.strictObject({
    threshold: z
      .number()
      .min(0)
      .max(2)
      .default(1.2)
      .describe('largest L1 distance of probabilities that is let pass; 1.2128 for ImageNet in the paper'),
    bits: z.int().min(1).max(8).default(5).describe('bits that the first squeezer leaves'),
    window: z.int().min(2).max(3).default(2).describe('side of the median of the second, in pixels'),
  }),
  open({ model, options: { threshold, bits, window }, random }) {
    const stages = [bitDepth.stage({ bits }), median.stage({ size: window })];
    return detector(model, {
      stages,
      threshold,
      random,
      name: `feature-squeezing(${model.name})`,
      key: `feature-squeezing(${bits}, ${window}, ${threshold})`,
    });
  },
});

interface Detector {
  stages: readonly Stage[];
  threshold: number;
  random: RandomSource;
  name: string;
  /** Tells detectors of other options apart. */
  key: string;
}

function detector(model: Classifier, how: Detector): Classifier {
  const { stages, threshold, random, name, key } = how;
  const squeezed = stages.map((stage) => behind(stage, model, random));
  const declined = async <A extends Answers>(plain: A, q: Asked): Promise<A> => {
    const moved = movement(plain, await Promise.all(squeezed.map((s) => s.answers(q))));
    const reject = moved.map((distance) => distance - threshold);
    const classes = plain.classes.map((own, i) => ((reject[i] as number) > 0 ? -1 : own));
    return { ...plain, classes, extra: { ...plain.extra, reject } };
  };
  return over(model, {
    name,
    depth: model.depth + 1,
    answers: async (q) => declined(await model.answers(q), q),
    async gradient(q, inner, given) {
      const objective: Objective = {
        ...inner,
        key: `${key}/${inner.key}`,
        build: (b, net, from) => inner.build(b, detecting(b, net, { ...how, input: model.input }), from),
      };
      return declined(await model.gradient(q, objective, given), q);
    },
    ...(model.approximate && {
      approximate: (backward) => detector(model.approximate?.(backward) ?? model, how),
    }),
    ...(model.at && { at: (size) => detector(model.at?.(size) ?? model, how) }),
  });
}

/** Largest L1 distance, per row, of the probabilities from those of a squeezed image. */
function movement(plain: Answers, others: readonly Answers[]): Float64Array {
  const own = softmax(scoresOf(plain));
  const moved = new Float64Array(plain.classes.length);
  const classes = own.length / Math.max(1, moved.length);
  for (const other of others.map((a) => softmax(scoresOf(a))))
    for (const i of moved.keys()) {
      let sum = 0;
      for (let k = i * classes; k < (i + 1) * classes; k++)
        sum += Math.abs((own[k] as number) - (other[k] as number));
      moved[i] = Math.max(moved[i] as number, sum);
    }
  return moved;
}

/** The network with the output `reject`, [N]: it is run again on squeezed images. */
function detecting(
  b: GraphBuilder,
  net: Net,
  how: Pick<Detector, 'stages' | 'threshold'> & { input: InputSize },
): Net {
  const reject = (): string => {
    const own = b.op('Softmax', [net.logits], { axis: 1 });
    const moved = how.stages.map((stage, i) => {
      const twin = 'graph' in stage ? stage.graph(how.input) : stage.surrogate?.(how.input);
      const [image = net.images] = twin ? b.include(twin, { images: net.images }, `squeezed${i}/`) : [];
      const other = b.op('Softmax', [net.run(image).logits], { axis: 1 });
      return b.op('ReduceL1', [b.op('Sub', [own, other]), b.ints([1])], { keepdims: 0 });
    });
    return b.op('Sub', [b.op('Max', moved), b.scalar(how.threshold)]);
  };
  return {
    ...net,
    output: (name) => (name === 'reject' ? reject() : net.output(name)),
    run: (images) => detecting(b, net.run(images), how),
  };
}
