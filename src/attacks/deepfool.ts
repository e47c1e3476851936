import { z } from 'zod';
import { difference } from '../models/index.ts';
import { lengthOf } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { type Descent, inDescents, type Slope } from './descents.ts';
import { others } from './likeliest.ts';

/**
 * DeepFool: takes each class's border for the plane that its gradient says, goes to the nearest of them and a little
 * beyond, and looks again; steps onto the planes would come ever nearer to a curved border and not cross it. The classes
 * that are tried are the likeliest at the image. It ends with the first point that fools the model.
 */
export const deepfool = defineAttack({
  name: 'deepfool',
  title: 'DeepFool',
  paper: 'Moosavi-Dezfooli et al. 2015, arXiv:1511.04599, algorithm 2; linf section 3.3',
  heldTo: 'adversarial-library; the nearest point of affine models',
  access: 'gradient',
  norms: ['l2', 'linf'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject({
    steps: z.int().min(1).default(50).describe('steps at most'),
    overshoot: z.number().min(0).default(0.02).describe('share by which it goes beyond the border'),
    candidates: z.int().min(2).default(10).describe('likeliest classes that are tried, the own among them'),
  }),
  run(context) {
    const { norm } = context.limit.spec;
    return inDescents(context, (slope) => toBorder(slope, norm === 'linf' ? 'linf' : 'l2', context.options));
  },
});

const objective = difference();

function* toBorder(
  { start, own }: Slope,
  norm: 'l2' | 'linf',
  { steps, overshoot, candidates }: { steps: number; overshoot: number; candidates: number },
): Descent {
  const point = start.slice();
  const { fooled, scores } = yield { point };
  if (fooled) return;
  const tried = others(scores, own).slice(0, candidates - 1);
  for (let step = 0; step < steps; step++) {
    const move = new Float64Array(start.length);
    let shortest = Number.POSITIVE_INFINITY;
    for (const target of tried) {
      const told = yield { point, objective, target };
      if (told.fooled) return;
      const w = told.gradient;
      // Float32 knows a difference no better than this: steps that fall below it would end on the border itself.
      const gap = Math.abs(told.value) + lengthOf(told.scores, 'linf') * 2 ** -21;
      const length = norm === 'l2' ? lengthOf(w, 'l2') : lengthOf(w, 'l1');
      if (!(length > 0 && gap / length < shortest)) continue;
      shortest = gap / length;
      for (let i = 0; i < move.length; i++)
        move[i] =
          norm === 'l2' ? (shortest / length) * (w[i] as number) : shortest * Math.sign(w[i] as number);
    }
    for (let i = 0; i < point.length; i++)
      point[i] = Math.min(1, Math.max(0, (point[i] as number) + (1 + overshoot) * (move[i] as number)));
  }
  yield { point };
}
