import { z } from 'zod';
import type { Objective } from '../models/index.ts';
import { clone, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';
import { reach } from './step.ts';

/**
 * Moves a feature layer away from what it holds for the clean image, whatever the classes. At the image itself that
 * distance is flat, so it starts at random signs of a small size. The layer is one that the model's sidecar names
 * under `outputs`, or `logits`.
 */
export const featureDistortion = defineAttack({
  name: 'feature-distortion',
  title: 'Distortion of a feature layer (NRDM)',
  paper: 'Naseer et al. 2018, arXiv:1811.09020, eq. 4 and algorithm 1',
  heldTo: 'closed forms',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted'],
  options: z.strictObject({
    ...stepOptions(20, 'epsilon / 4'),
    output: z.string().min(1).default('logits').describe("the layer, as the model's sidecar calls it"),
  }),
  async *run(context) {
    const { batch, limit, random, options } = context;
    const start = clone(batch.start);
    const radii = reach(limit);
    for (const [i, id] of batch.ids.entries()) {
      const stream = random.stream(id, 'start');
      const { data } = rows(start, i, i + 1);
      for (let j = 0; j < data.length; j++)
        data[j] = (data[j] as number) + (stream.sign() * (radii[i] as number)) / 10;
    }
    limit.project(start);
    return yield* iterate(
      { ...context, batch: { ...batch, start } },
      {
        steps: options.steps,
        stepSize: options.stepSize ?? ((radius) => radius / 4),
        objective: featureDistance(options.output),
        given: { clean: batch.images },
      },
    );
  },
});

/** Squared distance of a named output from that of the images given as `clean`. */
export function featureDistance(output: string): Objective {
  return {
    key: `feature-distance(${output})`,
    flat: true,
    images: ['clean'],
    build(b, net, given) {
      const clean = net.run(given('clean', { dtype: 'float32', shape: b.shape(net.images) }));
      const difference = b.op('Sub', [net.output(output), clean.output(output)]);
      const flat = b.op('Flatten', [b.op('Mul', [difference, difference])], { axis: 1 });
      return b.op('ReduceSum', [flat, b.ints([1])], { keepdims: 0 });
    },
  };
}
