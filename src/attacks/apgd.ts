import { z } from 'zod';
import { classesFor, type Given, labelTensor } from '../models/index.ts';
import { climb } from './apgd-climb.ts';
import { defineAttack } from './define.ts';
import { likeliestOthers } from './likeliest.ts';
import { lossOf } from './named-losses.ts';
import { track } from './track.ts';

/**
 * PGD without a step size: each image halves its own at checkpoints where its loss stalls, and goes on from its best
 * point. In l1 the number of entries that a step moves follows what the best point needed (Croce and Hein 2021,
 * arXiv:2103.01208), and the radius shrinks to epsilon in three runs. With `targetClasses` it goes on, from each image that
 * still stands, to its likeliest other classes one after the other.
 */
export const apgd = defineAttack({
  name: 'apgd',
  title: 'Auto-PGD',
  paper:
    'Croce and Hein 2020, arXiv:2003.01690, algorithm 1; in l1 arXiv:2103.01208, algorithm 2; probability margin arXiv:2411.15210',
  heldTo: 'auto-attack of its authors; affine models',
  access: 'gradient',
  norms: ['linf', 'l2', 'l1'],
  goals: ['untargeted', 'targeted', 'least-likely'],
  leastClasses({ loss }, goal) {
    if (loss === 'dlr') return classesFor[goal === 'untargeted' ? 'dlr' : 'dlr-targeted'];
    return loss === 'dlr-targeted' ? classesFor[loss] : 2;
  },
  options: z
    .strictObject({
      steps: z.int().min(1).default(100).describe('gradient steps per restart'),
      restarts: z.int().min(1).default(1).describe('starts, each from another random point'),
      loss: z
        .enum(['cross-entropy', 'margin', 'dlr', 'dlr-targeted', 'probability-margin'])
        .default('cross-entropy')
        .describe('objective that is climbed'),
      targetClasses: z
        .int()
        .min(0)
        .default(0)
        .describe('likeliest other classes that are tried one by one; 0: none, 9 in AutoAttack'),
      rho: z
        .number()
        .gt(0)
        .max(1)
        .default(0.75)
        .describe('share of steps that must have raised the loss for the step size to stay'),
    })
    .refine(({ loss, targetClasses }) => (loss === 'dlr-targeted') === targetClasses > 0, {
      message: 'dlr-targeted and targetClasses belong together: give both or neither',
      path: ['targetClasses'],
    }),
  async *run(context) {
    const { batch, goal, model, options } = context;
    const tracker = track(goal, batch.start);
    const standing = (): number[] => batch.ids.flatMap((_, row) => (tracker.won[row] === 1 ? [] : [row]));
    const clean = { images: batch.images, ids: batch.ids };
    const others =
      options.targetClasses === 0 ? undefined : likeliestOthers(await model.answers(clean), goal);
    const towards = goal.kind === 'targeted';
    const rounds = others === undefined || towards ? 1 : Math.min(options.targetClasses, model.classes - 1);
    for (let restart = 0; restart < options.restarts; restart++)
      for (let round = 0; round < rounds; round++) {
        const rows = standing();
        if (rows.length === 0) return tracker.best;
        const own = labelTensor(rows.map((row) => goal.classes[row] as number));
        const other = others && labelTensor(rows.map((row) => others[row]?.[round] as number));
        // From the class to leave to another; where one is to be reached, from the likeliest to that one.
        const given: Given = other
          ? { labels: towards ? other : own, targets: towards ? own : other }
          : { labels: own };
        const part = {
          ...context,
          rows,
          given,
          objective: lossOf(options.loss, goal),
          // What leads from one class to another says itself which is to be reached.
          down: towards && others === undefined,
          run: restart * rounds + round,
        };
        for await (const seen of climb(part)) {
          if (seen !== undefined) tracker.see(seen.images, seen.answers, rows);
          yield tracker.best;
        }
      }
    return tracker.best;
  },
});
