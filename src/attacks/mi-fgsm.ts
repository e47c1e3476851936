import { z } from 'zod';
import { rowSize } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { iterate, stepOptions } from './iterate.ts';

/**
 * g ← decay·g + ∇L/mean|∇L|, step along the steepest direction of g. The mean stands for the paper's L1 norm: the
 * directions are the same. A zero gradient adds nothing, so that an image can move again later.
 */
export const miFgsm = defineAttack({
  name: 'mi-fgsm',
  title: 'Momentum iterative fast gradient sign method',
  paper: 'Dong et al. 2017, arXiv:1710.06081, eq. 6-8',
  access: 'gradient',
  norms: ['linf', 'l2'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({
    ...stepOptions(10, 'epsilon / steps'),
    decay: z.number().min(0).default(1).describe('share of the momentum kept from step to step'),
  }),
  run(context) {
    const { steps, stepSize, decay } = context.options;
    const size = rowSize(context.batch.images);
    const momentum = new Float32Array(context.batch.images.data.length);
    return iterate(context, {
      steps,
      stepSize: stepSize ?? context.limit.epsilon / steps,
      shape({ data }) {
        for (let from = 0; from < data.length; from += size) {
          let sum = 0;
          for (let i = from; i < from + size; i++) sum += Math.abs(data[i] as number);
          const factor = sum > 0 ? size / sum : 0;
          for (let i = from; i < from + size; i++) {
            const g = decay * (momentum[i] as number) + factor * (data[i] as number);
            momentum[i] = g;
            data[i] = g;
          }
        }
      },
    });
  },
});
