import { type Images, type RandomStream, rowSize, rows, tensor } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { fools, trackNearest } from './track.ts';

/** What a course asks next about its image: whether each point fools the model. */
export interface Points {
  /** Moved into region and pixel range, in place, before they are asked. */
  readonly points: readonly Float32Array[];
  /** Whether the one point is asked as it will be judged, to be kept. */
  readonly find?: true;
}

/** The steps of one image, which hang on its own answers alone. One that never ends is ended by its questions. */
export type Course = Generator<Points, void, readonly boolean[]>;

/** One image, as its course sees it. */
export interface Sample {
  readonly clean: Float32Array;
  readonly start: Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Whether points are judged as they are, so that every answer is a find. */
  readonly exact: boolean;
  readonly stream: (purpose: string, draw: number) => RandomStream;
}

/** The most rows in a question: more do not fill a run better. */
const widest = 256;

interface Lane {
  readonly row: number;
  readonly course: Course;
  asked: Points;
  readonly answers: boolean[];
}

/**
 * Runs the courses of all images side by side, each at its own pace, and keeps of each image the nearest point that
 * fooled the model. Questions are filled with points of all. Points asked several at once are not kept: how many of them
 * the last question of a budget pays for hangs on how many images share it.
 */
export async function* inCourses(
  { model, batch, goal, limit, random }: AttackContext,
  courseOf: (sample: Sample) => Course,
): AsyncGenerator<Images, Images> {
  const [, channels = 1, height = 1, width = 1] = batch.images.shape;
  const tracker = trackNearest(goal, limit, batch.images);
  const exact = limit.pixels === 'float32';
  let lanes = batch.ids.flatMap((id, row): Lane[] => {
    const course = courseOf({
      clean: rows(batch.images, row, row + 1).data,
      start: rows(batch.start, row, row + 1).data,
      shape: [channels, height, width],
      exact,
      stream: (purpose, draw) => random.stream(id, purpose, draw),
    });
    const { value, done } = course.next();
    return done === true ? [] : [{ row, course, asked: value, answers: [] }];
  });
  const room = Math.max(1, Math.floor(Math.min(widest, model.rowsPerRun) / batch.ids.length));
  while (lanes.length > 0) {
    const parts = lanes.map(({ asked, answers }) =>
      asked.points.slice(answers.length, answers.length + room),
    );
    const of = lanes.flatMap(({ row }, i) => (parts[i] ?? []).map(() => row));
    const images = stacked(parts.flat(), batch.images);
    const own = limit.take(of);
    own.project(images);
    const judged = exact ? images : own.judged(images);
    const size = rowSize(images);
    let at = 0;
    for (const [i, { asked }] of lanes.entries())
      for (const point of parts[i] ?? []) {
        const row = images.data.subarray(at * size, (at + 1) * size);
        point.set(row);
        if (asked.find === true) row.set(judged.data.subarray(at * size, (at + 1) * size));
        at++;
      }
    const { classes } = await model.answers({ images, ids: of.map((row) => batch.ids[row] as string) });
    const kept = lanes.flatMap(({ asked }, i) =>
      (parts[i] ?? []).map(() => asked.points.length === 1 && (exact || asked.find === true)),
    );
    tracker.see(
      images,
      classes.map((answer, j) => (kept[j] === true ? answer : -1)),
      of,
    );
    at = 0;
    for (const [i, { row, answers }] of lanes.entries())
      for (const _ of parts[i] ?? []) answers.push(fools(goal, row, classes[at++] as number));
    yield tracker.best;
    lanes = lanes.filter(proceed);
  }
  return tracker.best;
}

/** Tells a course what it asked, once all of it is answered. @returns whether it goes on */
function proceed(lane: Lane): boolean {
  if (lane.answers.length < lane.asked.points.length) return true;
  const { value, done } = lane.course.next(lane.answers.splice(0));
  if (done === true) return false;
  lane.asked = value;
  return true;
}

function stacked(points: readonly Float32Array[], like: Images): Images {
  const size = rowSize(like);
  const out = tensor(new Float32Array(points.length * size), [points.length, ...like.shape.slice(1)]);
  for (const [i, point] of points.entries()) out.data.set(point, i * size);
  return out;
}
