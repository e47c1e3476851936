import { z } from 'zod';
import type { Objective } from '../models/index.ts';
import { bim } from './bim.ts';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';
import { miFgsm } from './mi-fgsm.ts';
import { nested } from './nested.ts';

const firsts = { 'mi-fgsm': miFgsm, bim };

/**
 * Tunes what a first attack made: that has moved a feature layer in a direction, and from there the image climbs along
 * that direction, whatever the classes. The layer is one that the model's sidecar names under `outputs`, or `logits`.
 * The authors' code begins again at the clean image: `from` says where.
 */
export const intermediateLevel = defineAttack({
  name: 'intermediate-level',
  title: 'Intermediate level attack (ILA)',
  paper: "Huang et al. 2019, arXiv:1907.10823, ILAP and ILAF, as in the authors' code",
  heldTo: 'its first attack; closed forms',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    ...stepOptions(10, 'epsilon / 10'),
    steps: z.int().min(0).default(10).describe('gradient steps after the first attack'),
    output: z.string().min(1).default('logits').describe("the layer, as the model's sidecar calls it"),
    first: z.enum(['mi-fgsm', 'bim']).default('mi-fgsm').describe('attack that shows the direction'),
    firstSteps: z.int().min(1).default(10).describe('gradient steps of the first attack'),
    from: z.enum(['first', 'clean']).default('first').describe('image from which the layer is moved on'),
    loss: z
      .enum(['projection', 'flexible'])
      .default('projection')
      .describe('length along the direction (ILAP), or angle to it and length apart (ILAF)'),
    magnitude: z
      .number()
      .min(0)
      .default(1)
      .describe('weight of the length beside the angle, for the loss flexible'),
  }),
  async *run(context) {
    const { batch, goal, options } = context;
    const { steps, stepSize, output, first, firstSteps, from, loss, magnitude } = options;
    const attacked = yield* nested(context, firsts[first], {
      as: 'first',
      into: batch.start,
      start: batch.start,
      options: { steps: firstSteps },
    });
    if (steps === 0) return attacked;
    return yield* iterate(
      {
        ...context,
        batch: { ...batch, start: from === 'first' ? attacked : batch.start },
        // Further along is up, also where the first attack went down to a class.
        goal: { ...goal, kind: 'untargeted' },
      },
      {
        steps,
        stepSize: stepSize ?? ((radius) => radius / 10),
        objective: loss === 'projection' ? alongFeatures(output) : alongFeatures(output, magnitude),
        given: { clean: batch.images, attacked },
      },
    );
  },
});

/** Keeps a quotient finite where the features have not moved. */
const least = 1e-12;

/**
 * Of the change of a named output, u from the images given as `clean`, and v that of those given as `attacked`: u·v, or
 * with a magnitude a the cosine u·v / (‖u‖‖v‖) and a·‖u‖/‖v‖.
 */
export function alongFeatures(output: string, magnitude?: number): Objective {
  return {
    key: `along-features(${output}, ${magnitude})`,
    flat: true,
    images: ['clean', 'attacked'],
    build(b, net, given) {
      const images = (name: string): string => given(name, { dtype: 'float32', shape: b.shape(net.images) });
      const features = (name: string): string => net.run(images(name)).output(output);
      const clean = features('clean');
      const change = (of: string): string => b.op('Flatten', [b.op('Sub', [of, clean])], { axis: 1 });
      const [u, v] = [change(net.output(output)), change(features('attacked'))];
      const dot = (x: string, y: string): string =>
        b.op('ReduceSum', [b.op('Mul', [x, y]), b.ints([1])], { keepdims: 0 });
      if (magnitude === undefined) return dot(u, v);
      const length = (x: string): string => b.op('Sqrt', [b.op('Add', [dot(x, x), b.scalar(least)])]);
      const cosine = b.op('Div', [dot(u, v), b.op('Mul', [length(u), length(v)])]);
      const gain = b.op('Div', [length(u), length(v)]);
      return b.op('Add', [cosine, b.op('Mul', [gain, b.scalar(magnitude)])]);
    },
  };
}
