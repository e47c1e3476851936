import { z } from 'zod';
import { type Catalog, catalogOf, parseEntry, parseOptions } from '../catalog/index.ts';
import { clone, type Images, takeRows, tensor } from '../tensor/index.ts';
import { type Attack, type AttackContext, defineAttack } from './define.ts';
import { nested } from './nested.ts';
import { trackNearest } from './track.ts';

/**
 * Any attack of a given radius as one of smallest change: of each image the radius is searched for, larger and larger until
 * it is fooled, then by bisection. The next search has to beat what a find needed, which may be less than its radius.
 * @param others all attacks; it takes those that look within a radius at one model
 */
export function smallestRadius(others: readonly Attack[]): Attack {
  const fixed = catalogOf(
    'attack',
    others.filter(
      (a) =>
        a.radius === 'fixed' &&
        a.access !== 'none' &&
        [a.members, a.opponent, a.through, a.region].every((needed) => needed === undefined),
    ),
  );
  return defineAttack({
    name: 'smallest-radius',
    title: 'Search for the radius of any attack',
    paper:
      'Carlini et al. 2019, arXiv:1902.06705, section 4.3: the smallest change by bisection of the radius',
    heldTo: 'the nearest point of affine models',
    access: 'gradient',
    norms: ['linf', 'l2', 'l1'],
    goals: ['untargeted', 'targeted', 'least-likely'],
    radius: 'minimum',
    options: z.strictObject({
      inner: z
        .string()
        .default('pgd')
        .superRefine((text, check) => {
          try {
            openedAs(text, fixed);
          } catch (error) {
            check.addIssue({ code: 'custom', message: (error as Error).message.replace(/\.$/, '') });
          }
        })
        .describe('the attack, with its options in the short form'),
      searches: z.int().min(1).default(12).describe('radii that are tried at most'),
      precision: z.number().positive().default(0.02).describe('share of the radius at which it ends'),
    }),
    run: (context) => search(context, openedAs(context.options.inner, fixed), context.options),
  });
}

interface Opened {
  readonly attack: Attack;
  readonly options: Record<string, unknown>;
}

/** @throws AdvarenaError UNKNOWN_NAME, OPTION, SHORT_FORM */
function openedAs(text: string, fixed: Catalog<Attack>): Opened {
  const { name, options } = parseEntry(text, fixed);
  const attack = fixed.find(name);
  return { attack, options: parseOptions(attack.options, options, `attack ${name}`) };
}

/** The search of one image. */
interface Span {
  readonly widest: number;
  radius: number;
  low: number;
  high: number;
}

async function* search(
  context: AttackContext,
  { attack, options }: Opened,
  { searches, precision }: { searches: number; precision: number },
): AsyncGenerator<Images, Images> {
  const { batch, goal, limit, model } = context;
  const tracker = trackNearest(goal, limit, batch.images);
  const corners = tensor(
    batch.images.data.map((x) => (x < 0.5 ? 1 : 0)),
    batch.images.shape,
  );
  const spans = Array.from(limit.distance(corners), (widest): Span => {
    return { widest, radius: widest / 64, low: 0, high: Number.POSITIVE_INFINITY };
  });
  const see = async (images: Images, rows: readonly number[]): Promise<Uint8Array> => {
    const ids = rows.map((row) => batch.ids[row] as string);
    const points = limit.take(rows).judged(takeRows(images, rows));
    return tracker.see(points, (await model.answers({ images: points, ids })).classes, rows);
  };
  const all = batch.ids.map((_, row) => row);
  const clean = await see(batch.images, all);
  let open = all.filter((row) => clean[row] === 0);
  for (let k = 0; k < searches && open.length > 0; k++) {
    const within = limit.take(open).within(open.map((row) => (spans[row] as Span).radius));
    const run = nested(context, attack, {
      as: `search ${k}`,
      into: batch.images,
      rows: open,
      limit: within,
      options,
    });
    let made = clone(batch.images);
    for (;;) {
      const { value, done } = await run.next();
      if (done === true) {
        made = value;
        break;
      }
      yield tracker.best;
    }
    const found = await see(made, open);
    open = open.filter((row, i) =>
      narrowed(spans[row] as Span, found[i] === 1, tracker.distances[row] as number, precision),
    );
    yield tracker.best;
  }
  return tracker.best;
}

/** Whether there is a radius left to try. */
function narrowed(span: Span, found: boolean, nearest: number, precision: number): boolean {
  if (found) span.high = Math.min(span.radius, nearest);
  else span.low = span.radius;
  const { low, high, widest, radius } = span;
  if (high === Number.POSITIVE_INFINITY) {
    span.radius = Math.min(widest, 4 * radius);
    return radius < widest;
  }
  span.radius = (low + high) / 2;
  return high - low > precision * high;
}
