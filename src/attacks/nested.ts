import { type Options, parseOptions } from '../catalog/index.ts';
import { within } from '../models/index.ts';
import { AdvarenaError, clone, type Images, type Limit, rowSize, takeRows } from '../tensor/index.ts';
import { activeSet } from './active-set.ts';
import type { Attack, AttackContext, Goal, Queries } from './define.ts';
import { runWithin } from './run.ts';

export interface NestedOptions {
  /** Name of its random numbers: no two runs within one attack share it. */
  readonly as: string;
  /** What the other rows hold, a full batch: yields are copies of it with the rows asked about filled in. */
  readonly into: Images;
  /** Rows to work on; all by default. */
  readonly rows?: readonly number[];
  /** Where to begin, a full batch; at the clean images by default. */
  readonly start?: Images;
  /** Of the rows asked about; the outer attack's by default. */
  readonly goal?: Goal;
  /** Of the rows asked about; the outer attack's by default. */
  readonly limit?: Limit;
  readonly options?: Options | undefined;
  /** Questions of this run per sample; the outer attack's own hold too. */
  readonly queries?: Queries | undefined;
}

/**
 * An attack within an attack: with random numbers of its own, counted by the same meters, and never with more access.
 * @throws AdvarenaError NESTED for an attack that asks for more than the outer one has, or has views of its own;
 *   OPTION
 */
export async function* nested(
  context: AttackContext,
  attack: Attack,
  { as, into, queries, options, ...rest }: NestedOptions,
): AsyncGenerator<Images, Images> {
  const { batch, model } = context;
  const refuse = (why: string): never => {
    throw new AdvarenaError('NESTED', `The attack ${attack.name} cannot run within another: ${why}.`, {
      remedy: 'Let the outer attack declare what the inner one needs.',
    });
  };
  if (!within(attack.access, model.access))
    refuse(`it needs the access "${attack.access}", the outer one has "${model.access}"`);
  if (!within(attack.opponent ?? 'none', context.opponent.access))
    refuse(`it asks the judged model for ${attack.opponent}, which the outer one does not`);
  if (attack.through !== undefined) refuse('it has views of its own');
  const rows = rest.rows ?? batch.ids.map((_, i) => i);
  const ids = rows.map((i) => batch.ids[i] as string);
  const start = takeRows(rest.start ?? batch.images, rows);
  const set = activeSet({ ids, start, queries, attack });
  const over = (oracle: AttackContext['model'], access = attack.access): AttackContext['model'] =>
    set.over(oracle, { forward: access === 'decision' ? 'decisions' : 'scores' });
  const inner: AttackContext = {
    model: over(model),
    members: attack.members === true ? context.members.map((m) => over(m)) : [],
    opponent: over(context.opponent, attack.opponent ?? 'none'),
    batch: { ids, images: takeRows(batch.images, rows), start },
    goal: rest.goal ?? {
      kind: context.goal.kind,
      classes: Int32Array.from(rows, (i) => context.goal.classes[i] as number),
    },
    limit: rest.limit ?? context.limit.take(rows),
    random: context.random.child(as),
    options: parseOptions(attack.options, options, `attack ${attack.name}`),
  };
  const scattered = (images: Images): Images => {
    const out = clone(into);
    const size = rowSize(out);
    for (const [j, row] of rows.entries())
      out.data.set(images.data.subarray(j * size, (j + 1) * size), row * size);
    return out;
  };
  const run = runWithin(attack, inner, set);
  for (;;) {
    const { value, done } = await run.next();
    if (done === true) return scattered(value);
    yield scattered(set.keep(value));
  }
}
