import { z } from 'zod';
import type { EntrySpec, Options } from '../catalog/index.ts';
import { type Access, within } from '../models/index.ts';
import { AdvarenaError, clone, type Images, type Norm, rows as rowsOf } from '../tensor/index.ts';
import { type Attack, type AttackContext, defineAttack, leastClassesOf, type Queries } from './define.ts';
import { type NestedOptions, nested } from './nested.ts';
import { fools } from './track.ts';

/** A recipe as data: attacks one after the other. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly heldTo?: string;
  /** Views that belong to it. */
  readonly through?: readonly EntrySpec[];
  readonly parts: readonly PresetPart[];
}

export interface PresetPart {
  readonly attack: Attack;
  readonly options?: Options;
  /** Options in the place of those, in some norms. */
  readonly inNorm?: Partial<Record<Norm, Options>>;
  readonly queries?: Queries;
  /** All rows, or those that do not fool the model yet. @default all */
  readonly on?: 'all' | 'standing';
}

/**
 * A preset as an attack: its parts one after the other, each from the clean images, on all rows or on those that still
 * stand. A row keeps what fooled the model; else it has what the last part made of it. Beside attacks of fixed radius
 * one of minimum norm counts where it stays within that radius.
 */
export function presetAttack(preset: Preset): Attack {
  const { parts, through, ...head } = preset;
  const attacks = parts.map((p) => p.attack);
  const [first] = attacks;
  if (first === undefined)
    throw new AdvarenaError('PRESET', `The preset ${preset.name} has no parts.`, {
      remedy: 'Name an attack.',
    });
  const fixed = attacks.some((a) => a.radius === 'fixed');
  const opponents = attacks.map((a): Access => a.opponent ?? 'none');
  const opponent = most(opponents);
  return defineAttack({
    ...head,
    access: most(attacks.map((a) => a.access)),
    ...(attacks.some((a) => a.members === true) && { members: true as const }),
    ...((opponent === 'decision' || opponent === 'scores') && { opponent }),
    ...(through && { through }),
    ...(attacks.some((a) => a.region === 'needed') && { region: 'needed' as const }),
    norms: first.norms.filter((norm) => attacks.every((a) => a.norms.includes(norm))),
    goals: first.goals.filter((goal) => attacks.every((a) => a.goals.includes(goal))),
    radius: fixed ? ('fixed' as const) : ('minimum' as const),
    leastClasses: (_, goal) =>
      Math.max(...parts.map((part) => leastClassesOf(part.attack, part.options, goal))),
    options: z.strictObject({}),
    async *run(context) {
      let images = clone(context.batch.start);
      for (const [i, { attack, on = 'all', queries, ...part }] of parts.entries()) {
        const rows = on === 'all' ? context.batch.ids.map((_, row) => row) : await standing(context, images);
        if (rows.length === 0) continue;
        const options = { ...part.options, ...part.inNorm?.[context.limit.spec.norm] };
        const change = { as: `${i}/${attack.name}`, rows, into: images, options, queries };
        const within = fixed && attack.radius === 'minimum';
        images = clone(yield* within ? inside(context, attack, change) : nested(context, attack, change));
      }
      return images;
    },
  });
}

/**
 * An attack of minimum norm within a radius: it seeks without one, and what it finds beyond does not count.
 * @throws AdvarenaError as {@link nested}
 */
async function* inside(
  context: AttackContext,
  attack: Attack,
  change: NestedOptions & { readonly rows: readonly number[] },
): AsyncGenerator<Images, Images> {
  const { limit } = context;
  const free = limit.take(change.rows).within(change.rows.map(() => Number.POSITIVE_INFINITY));
  const kept = (images: Images): Images => {
    const outside = limit.outside(images);
    const out = clone(images);
    for (const row of change.rows)
      if (outside[row] === 1) rowsOf(out, row, row + 1).data.set(rowsOf(change.into, row, row + 1).data);
    return out;
  };
  const run = nested(context, attack, { ...change, limit: free });
  for (;;) {
    const { value, done } = await run.next();
    if (done === true) return kept(value);
    yield kept(value);
  }
}

/** Rows whose image, as it will be judged, does not fool the model. */
async function standing({ model, batch, goal, limit }: AttackContext, images: Images): Promise<number[]> {
  const { classes } = await model.answers({ images: limit.judged(images), ids: batch.ids });
  return batch.ids.flatMap((_, row) => (fools(goal, row, classes[row] as number) ? [] : [row]));
}

function most(accesses: readonly Access[]): Access {
  return accesses.reduce((a, b) => (within(a, b) ? b : a), 'none');
}
