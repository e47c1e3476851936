import { clone, type Images, rows, takeRows } from '../tensor/index.ts';
import type { AttackContext } from './define.ts';
import { reach } from './step.ts';

/**
 * Runs apart the rows that differ in something that their radius decides, such as the number of steps: one group after
 * the other, so that none costs a row of another what it would not cost alone.
 * @param kind of a radius
 */
export async function* apart<O, K>(
  context: AttackContext<O>,
  kind: (radius: number) => K,
  run: (part: AttackContext<O>, kind: K) => AsyncGenerator<Images, Images>,
): AsyncGenerator<Images, Images> {
  const { batch, goal, limit } = context;
  const groups = Map.groupBy(Array.from(reach(limit), kind).entries(), ([, found]) => found);
  const images = clone(batch.start);
  for (const [found, members] of groups) {
    const which = members.map(([row]) => row);
    const part = run(
      {
        ...context,
        batch: {
          ids: which.map((row) => batch.ids[row] as string),
          images: takeRows(batch.images, which),
          start: takeRows(batch.start, which),
        },
        goal: { kind: goal.kind, classes: Int32Array.from(which, (row) => goal.classes[row] as number) },
        limit: limit.take(which),
      },
      found,
    );
    for (;;) {
      const { value, done } = await part.next();
      for (const [i, row] of which.entries()) rows(images, row, row + 1).data.set(rows(value, i, i + 1).data);
      if (done === true) break;
      yield images;
    }
  }
  return images;
}
