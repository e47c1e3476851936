import { z } from 'zod';
import { type Attack, defineAttack, type OpenAttack, openAttack, runWithin } from '../src/attacks/index.ts';
import { type Options, parseOptions } from '../src/catalog/index.ts';
import type { Meter } from '../src/models/index.ts';
import { clone, type Images, randomOf } from '../src/tensor/index.ts';

/** An attack of a test, without options, which asks for scores unless it says otherwise. */
export function attackOf(run: Attack['run'], change: Partial<Attack> = {}): Attack {
  const base = defineAttack({
    name: 'own',
    title: 'Of the test',
    paper: 'none',
    access: 'scores',
    norms: ['linf'],
    goals: ['untargeted'],
    options: z.strictObject({}),
    run,
  });
  return { ...base, ...change };
}

/** An attack to be run without a judge. Options are checked, ids and random numbers have defaults. */
export type Task = Omit<OpenAttack, 'attack' | 'options' | 'ids' | 'random'> &
  Partial<Pick<OpenAttack, 'ids' | 'random'>> & { readonly options?: Options };

export interface Ran {
  /** Its result. */
  readonly images: Images;
  readonly meter: Meter;
}

/** Ids of rows, where a test has none of its own: image0, image1, ... */
export function idsOf(images: Images): string[] {
  return Array.from({ length: images.shape[0] ?? 0 }, (_, i) => `image${i}`);
}

/**
 * Runs an attack of this catalog or of a test to its end.
 * @param yielded sees what it would return after each step
 */
export async function runAttack(
  attack: Attack,
  { options, ids, random, ...task }: Task,
  yielded?: (images: Images) => void,
): Promise<Ran> {
  const { context, set, meter } = openAttack({
    ...task,
    attack,
    options: parseOptions(attack.options, options, `attack ${attack.name}`),
    ids: ids ?? idsOf(task.images),
    random: random ?? randomOf(5, `attack/${attack.name}`),
  });
  await set.begin();
  const run = runWithin(attack, context, set);
  for (;;) {
    const next = await run.next();
    if (next.done === true) return { images: clone(next.value), meter };
    yielded?.(set.keep(next.value));
  }
}
