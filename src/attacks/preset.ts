import { z } from 'zod';
import type { EntrySpec, Options } from '../catalog/index.ts';
import { type Access, within } from '../models/index.ts';
import { AdvarenaError, clone, type Images } from '../tensor/index.ts';
import { type Attack, type AttackContext, defineAttack, type Queries } from './define.ts';
import { nested } from './nested.ts';
import { fools } from './track.ts';

/** A recipe as data: attacks one after the other. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  /** Views that belong to it. */
  readonly through?: readonly EntrySpec[];
  readonly parts: readonly PresetPart[];
}

export interface PresetPart {
  readonly attack: Attack;
  readonly options?: Options;
  readonly queries?: Queries;
  /** All rows, or those that do not fool the model yet. @default all */
  readonly on?: 'all' | 'standing';
}

/**
 * A preset as an attack: its parts one after the other, each from the clean images, on all rows or on those that still
 * stand. A row keeps what fooled the model; else it has what the last part made of it.
 */
export function presetAttack(preset: Preset): Attack {
  const { parts, through, ...head } = preset;
  const attacks = parts.map((p) => p.attack);
  const [first] = attacks;
  if (first === undefined)
    throw new AdvarenaError('PRESET', `The preset ${preset.name} has no parts.`, {
      remedy: 'Name an attack.',
    });
  if (attacks.some((a) => a.radius !== first.radius))
    throw new AdvarenaError(
      'PRESET',
      `The preset ${preset.name} mixes attacks of fixed radius and of minimum norm.`,
      { remedy: 'Make one of each kind: its images are judged at given radii, or at all of them.' },
    );
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
    radius: first.radius,
    options: z.strictObject({}),
    async *run(context) {
      let images = clone(context.batch.start);
      for (const [i, { attack, on = 'all', options, queries }] of parts.entries()) {
        const rows = on === 'all' ? context.batch.ids.map((_, row) => row) : await standing(context, images);
        if (rows.length === 0) continue;
        const change = { as: `${i}/${attack.name}`, rows, into: images, options, queries };
        images = clone(yield* nested(context, attack, change));
      }
      return images;
    },
  });
}

/** Rows whose image, as it will be judged, does not fool the model. */
async function standing({ model, batch, goal, limit }: AttackContext, images: Images): Promise<number[]> {
  const { classes } = await model.answers({ images: limit.judged(images), ids: batch.ids });
  return batch.ids.flatMap((_, row) => (fools(goal, row, classes[row] as number) ? [] : [row]));
}

function most(accesses: readonly Access[]): Access {
  return accesses.reduce((a, b) => (within(a, b) ? b : a), 'none');
}
