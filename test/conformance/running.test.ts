import { describe, expect, test } from 'vitest';
import { type GoalKind } from '../../src/attacks/index.ts';
import { optionNames } from '../../src/catalog/index.ts';
import { attack as judge } from '../../src/judge/index.ts';
import { asked } from '../../src/models/index.ts';
import { AdvarenaError, limitOf } from '../../src/tensor/index.ts';
import { counting } from '../pixel-networks.ts';
import {
  answers,
  assignment,
  count,
  ids,
  images,
  labels,
  make,
  masks,
  requestFor,
  row,
  small,
  targets,
  whole,
} from './world.ts';

describe.for(whole)('$name', (attack) => {
  const given = assignment(attack);

  test('stops within a step of the signal', async () => {
    const { model, asks } = counting(small);
    let steps = 0;
    let before = 0;
    const stop = new Error('stop');
    const pause = (): Promise<void> => {
      steps++;
      expect(asks.gradients - before).toBeLessThanOrEqual(count);
      before = asks.gradients;
      return steps < 3 ? Promise.resolve() : Promise.reject(stop);
    };
    await make(attack, given, { model, pause }).then(
      () => expect(steps).toBeLessThan(3),
      (error: unknown) => expect(error).toBe(stop),
    );
    const total = asks.gradients;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asks.gradients).toBe(total);
    expect(total).toBeLessThanOrEqual(3 * count);
  });

  test('has its best so far when the clock stops it', async () => {
    const { images: made, timedOut } = await make(attack, { ...given, seconds: 1e-9 });
    const limit = limitOf(given.limit, images, { masks });
    expect([...limit.outside(made)]).toEqual(ids.map(() => 0));
    const { images: whole } = await make(attack, given);
    // Those of one step are done before the clock can stop them.
    expect(timedOut || row(made, 0).every((v, j) => v === row(whole, 0)[j])).toBe(true);
  });

  test.for(attack.goals)('succeeds where a fresh answer says so (%s)', async (goal) => {
    const outcome = await judge(small, attack, requestFor(attack, goal));
    const now = (await small.answers(asked(outcome.adversarial.images, ids))).classes;
    for (const [i, sample] of outcome.samples.entries()) {
      expect(sample.adversarial).toBe(now[i]);
      expect(sample.success).toBe(met(goal, i, now[i] as number, sample.target));
    }
  });

  test('refuses a misspelt option with the nearest name', async () => {
    const [name] = optionNames(attack.options);
    const wrong = `${name ?? 'step'}x`;
    const hint = name === undefined ? '' : ` Did you mean "${name}"?`;
    const refused = (): unknown => make(attack, given, { options: { [wrong]: 1 } });
    expect(refused).toThrow(AdvarenaError);
    expect(refused).toThrow(
      expect.objectContaining({
        code: 'OPTION',
        message: `The attack ${attack.name} has no option "${wrong}".${hint}`,
      }),
    );
  });
});

/** Whether an answer is what the goal asks for. */
function met(goal: GoalKind, i: number, now: number, target: number | undefined): boolean {
  if (goal === 'untargeted') return answers[i] === labels[i] && now !== labels[i];
  return now === (goal === 'targeted' ? targets[i] : target);
}
