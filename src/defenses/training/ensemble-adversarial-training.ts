import { z } from 'zod';
import { fgsm } from '../../attacks/index.ts';
import { pixelUnits } from '../../catalog/index.ts';
import { asked } from '../../models/index.ts';
import { concatRows } from '../../tensor/index.ts';
import { classifierOf, craft, parted, randomOfStep } from './craft.ts';
import { defineTrainingDefense } from './define.ts';

/**
 * Half of each batch stays as it is; the other half becomes single-step images of one network, drawn anew for each
 * batch among the sources and the network in training itself. Epsilon is drawn per batch.
 */
export const ensembleAdversarialTraining = defineTrainingDefense({
  name: 'ensemble-adversarial-training',
  title: 'Ensemble adversarial training',
  paper: 'Tramèr et al. 2018, arXiv:1705.07204, section 4',
  sources: true,
  options: z.strictObject({
    epsilon: pixelUnits.prefault('16/255').describe('largest radius of the linf ball, such as 16/255'),
    share: z.number().gt(0).max(1).default(0.5).describe('share of each batch that is made adversarial'),
  }),
  open({ network, sources, seed }, { epsilon, share }) {
    return async (batch, step, weights) => {
      const random = randomOfStep(seed, step);
      const draw = random.stream('', 'source and epsilon');
      const chosen = sources[draw.integer(sources.length + 1)];
      const model = chosen ?? classifierOf(network, weights);
      // |N(0, epsilon / 2)| cut off at epsilon, so that small changes are learnt too.
      const radius = Math.min(epsilon, Math.max(1e-4, Math.abs(draw.normal() * epsilon) / 2));
      const [part, rest] = parted(batch, share);
      try {
        // Away from what the network answers, for a single step away from the label shows the label (Kurakin et
        // al. 2017, arXiv:1611.01236, section 4).
        const { classes: labels } = await model.answers(asked(part.images, part.ids));
        const images = await craft({
          model,
          batch: { ...part, labels },
          attack: fgsm,
          epsilon: radius,
          random,
        });
        return { ...batch, images: concatRows([images, rest]) };
      } finally {
        if (chosen === undefined) await model.release();
      }
    };
  },
});
