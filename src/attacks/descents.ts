import { type Answers, type Given, labelTensor, type Objective, scoresOf } from '../models/index.ts';
import { type Images, rowSize, rows, tensor } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { turn } from './step.ts';
import { attackMargins, fools, trackNearest } from './track.ts';

/** What a descent asks next about its image. */
export interface Ask {
  /** Anywhere: it is moved into region and pixel range, and rounded as it will be judged, before it is asked. */
  readonly point: Float32Array;
  /** What the gradient is of; without one, none is asked. */
  readonly objective?: Objective;
  /** For an objective that leads from one class to another: the class to go to. */
  readonly target?: number;
}

/** What the model says of it. The arrays are lent until the next question. */
export interface Told {
  /** The point as it was asked. */
  readonly point: Float32Array;
  readonly scores: Float32Array;
  /** Largest other logit less that of the class to leave, or the target's less the largest other. */
  readonly margin: number;
  /** Whether the point fools the model, with the confidence that is asked for. */
  readonly fooled: boolean;
  /** Of the objective, as it is. */
  readonly value: number;
  /** Of the objective, uphill for the attacker where that is of the goal's class. Empty where none was asked. */
  readonly gradient: Float32Array;
}

/** The steps of one image, which hang on its own answers alone. An image whose descent has ended is asked no more. */
export type Descent = Generator<Ask, void, Told>;

/** One image, as its descent sees it. */
export interface Slope {
  readonly row: number;
  readonly clean: Float32Array;
  readonly start: Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** The class to leave or to reach. */
  readonly own: number;
  /** The distance of the nearest point so far that fooled the model; Infinity for none. */
  nearest(): number;
}

interface Lane {
  readonly row: number;
  readonly descent: Descent;
  asked: Ask;
}

/**
 * Runs the descents of all images side by side, each at its own pace, and keeps of each image the nearest point that
 * fooled the model. A clean image that fools the model is asked about once: nothing is nearer.
 * @param options.confidence margin from which a point counts as a find
 * @param options.measure what is to be small, where that is not the limit's norm
 */
export async function* inDescents(
  context: AttackContext,
  descentOf: (slope: Slope) => Descent,
  options: { confidence?: number; measure?: (point: Float32Array, clean: Float32Array) => number } = {},
): AsyncGenerator<Images, Images> {
  const { model, batch, goal, limit } = context;
  const { confidence = 0, measure } = options;
  const [, channels = 1, height = 1, width = 1] = batch.images.shape;
  const cleanOf = (row: number): Float32Array => rows(batch.images, row, row + 1).data;
  const tracker = trackNearest(
    goal,
    limit,
    batch.images,
    measure && ((point, row) => measure(point, cleanOf(row))),
  );
  let lanes = batch.ids.flatMap((_, row): Lane[] => {
    const descent = descentOf({
      row,
      clean: cleanOf(row),
      start: rows(batch.start, row, row + 1).data,
      shape: [channels, height, width],
      own: goal.classes[row] as number,
      nearest: () => tracker.distances[row] as number,
    });
    const { value, done } = descent.next();
    return done === true ? [] : [{ row, descent, asked: value }];
  });
  while (lanes.length > 0) {
    const next: Lane[] = [];
    for (const alike of Map.groupBy(lanes, ({ asked }) => asked.objective).values()) {
      const which = alike.map(({ row }) => row);
      const images = pointsOf(context, alike);
      const answer = await ask(context, images, alike);
      const classes = Int32Array.from(which, (row) => goal.classes[row] as number);
      const margins = attackMargins(scoresOf(answer), { kind: goal.kind, classes });
      const finds = answer.classes.map((found, i) =>
        confidence === 0 || (margins[i] as number) >= confidence ? found : -1,
      );
      tracker.see(images, finds, which);
      const scores = scoresOf(answer);
      for (const [i, lane] of alike.entries()) {
        if (tracker.distances[lane.row] === 0) continue;
        const { value, done } = lane.descent.next({
          point: rows(images, i, i + 1).data,
          scores: rows(scores, i, i + 1).data,
          margin: margins[i] as number,
          fooled: fools(goal, lane.row, finds[i] as number),
          value: answer.value?.[i] ?? Number.NaN,
          gradient: answer.gradient === undefined ? nothing : rows(answer.gradient, i, i + 1).data,
        });
        if (done !== true) next.push({ ...lane, asked: value });
      }
    }
    lanes = next;
    yield tracker.best;
  }
  return tracker.best;

  async function ask(
    { model: oracle, batch: { ids } }: AttackContext,
    images: Images,
    alike: readonly Lane[],
  ): Promise<Answers & { value?: Float32Array; gradient?: Images }> {
    const question = { images, ids: alike.map(({ row }) => ids[row] as string) };
    const objective = alike[0]?.asked.objective;
    if (objective === undefined) return oracle.answers(question);
    const labels = alike.map(({ row }) => goal.classes[row] as number);
    const targets = alike.map(({ asked }, i) => asked.target ?? (labels[i] as number));
    const given: Given = {
      labels: labelTensor(labels),
      ...(alike.some(({ asked }) => asked.target !== undefined) && { targets: labelTensor(targets) }),
    };
    const answer = await model.gradient(question, objective, given);
    turn(answer.gradient, goal);
    return answer;
  }
}

const nothing = new Float32Array(0);

/** The points of these lanes as they will be judged. */
function pointsOf({ batch, limit }: AttackContext, lanes: readonly Lane[]): Images {
  const size = rowSize(batch.images);
  const points = tensor(new Float32Array(lanes.length * size), [
    lanes.length,
    ...batch.images.shape.slice(1),
  ]);
  for (const [i, { asked }] of lanes.entries()) points.data.set(asked.point, i * size);
  const own = limit.take(lanes.map(({ row }) => row));
  if (limit.pixels === '8-bit') return own.judged(points);
  own.project(points);
  return points;
}
