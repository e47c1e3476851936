import { z } from 'zod';
import { inCourses } from './courses.ts';
import { defineAttack } from './define.ts';
import { along, scanOptions } from './scan.ts';

/**
 * Pixels go to white or black, all channels together, more and more of them: of each repetition an order and colours of its
 * own, in which the fewest that fool the model are looked for.
 */
export const saltAndPepper = defineAttack({
  name: 'salt-and-pepper',
  title: 'Salt and pepper noise',
  paper: 'none of its own: a control, after Foolbox (SaltAndPepperNoiseAttack)',
  heldTo: 'closed forms',
  access: 'decision',
  norms: ['l0', 'l0-entries', 'l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject({
    ...scanOptions,
    restarts: z.int().min(1).default(10).describe('orders in which pixels go'),
  }),
  run: ({ options, ...context }) =>
    inCourses({ ...context, options }, function* (sample) {
      const { clean, shape, stream } = sample;
      const pixels = shape[1] * shape[2];
      for (let draw = 0; draw < options.restarts; draw++) {
        const numbers = stream('pixels', draw);
        const order = numbers.permutation(pixels);
        const colours = Float32Array.from(order, () => numbers.integer(2));
        const at = (share: number): Float32Array => {
          const out = clean.slice();
          for (let k = 0; k < Math.round(share * pixels); k++)
            for (let i = order[k] as number; i < out.length; i += pixels) out[i] = colours[k] as number;
          return out;
        };
        yield* along(sample, at, options);
      }
    }),
});
