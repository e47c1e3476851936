import { z } from 'zod';
import { clone, rows } from '../tensor/index.ts';
import { defineAttack } from './define.ts';
import { reach } from './step.ts';

/** x + ε·sign(n), n standard normal per entry: the competition's control, which asks the model nothing. */
export const randomNoise = defineAttack({
  name: 'random-noise',
  title: 'Random sign noise',
  paper: 'NIPS 2017 competition, baseline random_noise',
  access: 'none',
  norms: ['linf'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  options: z.strictObject({}),
  // oxlint-disable-next-line require-yield -- it has one step
  async *run({ batch, limit, random }) {
    const images = clone(batch.start);
    const radii = reach(limit);
    for (const [i, id] of batch.ids.entries()) {
      const stream = random.stream(id, 'noise', 0);
      const { data } = rows(images, i, i + 1);
      for (let j = 0; j < data.length; j++)
        data[j] = (data[j] as number) + (radii[i] as number) * stream.sign();
    }
    limit.project(images);
    return images;
  },
});
