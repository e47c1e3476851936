import { z } from 'zod';
import { inCourses } from './courses.ts';
import { defineAttack } from './define.ts';
import { along, scanOptions } from './scan.ts';

/** Less and less contrast: each image goes towards grey until it fools the model, at the end of the way it is flat. */
export const contrast = defineAttack({
  name: 'contrast',
  title: 'Reduction of contrast',
  paper: 'none of its own: a control of Foolbox (LinearSearchContrastReductionAttack)',
  heldTo: 'affine models',
  access: 'decision',
  norms: ['linf', 'l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject(scanOptions),
  run: (context) =>
    inCourses(context, (sample) =>
      along(sample, (share) => sample.clean.map((c) => c + share * (0.5 - c)), context.options),
    ),
});
