import { z } from 'zod';
import { inCourses } from './courses.ts';
import { defineAttack } from './define.ts';
import { along, scanOptions } from './scan.ts';

/** Brighter and brighter, then darker and darker, by one number for all entries: the smaller of the two is kept. */
export const brightness = defineAttack({
  name: 'brightness',
  title: 'Change of brightness',
  paper: 'none of its own: a control',
  heldTo: 'affine models',
  access: 'decision',
  norms: ['linf', 'l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject(scanOptions),
  run: (context) =>
    inCourses(context, function* (sample) {
      for (const sign of [1, -1]) {
        const at = (share: number): Float32Array =>
          sample.clean.map((c) => Math.min(1, Math.max(0, c + sign * share)));
        yield* along(sample, at, context.options);
      }
    }),
});
