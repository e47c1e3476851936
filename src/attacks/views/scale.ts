import { z } from 'zod';
import { givenThrough, mean, over } from '../../models/index.ts';
import type { Images } from '../../tensor/index.ts';
import { defineView } from '../view.ts';

/**
 * Scale invariance: the gradient is the mean over copies of the image drawn towards grey, the i-th by 2^-i. The
 * originals work on pixels in [-1,1], where halving goes to grey; in [0,1] it would go to black, another attack. Each
 * copy's gradient is with respect to the image, so it keeps the factor 2^-i. Answers are the image's own.
 */
export const scale = defineView({
  name: 'scale',
  title: 'Scale-invariant gradients (SI)',
  paper: 'Lin et al. 2019, arXiv:1908.06281, eq. 7 and section 3.2',
  options: z.strictObject({
    copies: z.int().min(1).default(5).describe('copies of the image, the first unchanged'),
  }),
  rows: ({ copies }, kind) => (kind === 'gradients' ? copies : 1),
  open: ({ model, options: { copies } }) =>
    over(model, {
      async gradient(q, objective, given) {
        const plain = await model.gradient(q, objective, given);
        const gradients: Images[] = [plain.gradient];
        for (let i = 1; i < copies; i++) {
          const factor = 2 ** -i;
          const shrunk = (of: Images): Images => ({
            ...of,
            data: of.data.map((x) => 0.5 + factor * (x - 0.5)),
          });
          const { gradient } = await model.gradient(
            { ...q, images: shrunk(q.images) },
            objective,
            await givenThrough(objective, given, shrunk),
          );
          gradients.push({ ...gradient, data: gradient.data.map((g) => factor * g) });
        }
        return { ...plain, gradient: mean(gradients) };
      },
    }),
});
