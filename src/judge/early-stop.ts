import { attackMargins, type Goal } from '../attacks/index.ts';
import type { Classifier, GradientAnswer, Question } from '../models/index.ts';
import { clone, type Images, rowSize, type Tensor, takeRows } from '../tensor/index.ts';

/**
 * Lets samples that already fool the model keep the image that does, and computes their rows no more: they repeat
 * their last real answer. Only where the attacked model is the judged one, for images made to transfer lose by it.
 */
export function earlyStop(
  model: Classifier,
  goal: Goal,
  ids: readonly string[],
): { model: Classifier; keep(images: Images): Images } {
  const rowOf = new Map(ids.map((id, i) => [id, i]));
  const kept = new Map<number, Float32Array>();
  const last = new Map<number, { logits: Float32Array; value?: number; gradient?: Float32Array }>();

  const waiting = (q: Question): number[] =>
    q.ids.flatMap((id, i) => {
      const row = rowOf.get(id);
      return row !== undefined && kept.has(row) && last.has(row) ? [] : [i];
    });
  const part = (q: Question, rows: readonly number[]): Question => ({
    ...q,
    images: takeRows(q.images, rows),
    ids: rows.map((i) => q.ids[i] as string),
  });
  const note = (q: Question, logits: Tensor): void => {
    const classes = Int32Array.from(q.ids, (id) => goal.classes[rowOf.get(id) as number] as number);
    const size = rowSize(q.images);
    for (const [i, m] of attackMargins(logits, { ...goal, classes }).entries()) {
      const row = rowOf.get(q.ids[i] as string) as number;
      if (m > 0 && !kept.has(row)) kept.set(row, q.images.data.slice(i * size, (i + 1) * size));
    }
  };

  const scores = async (q: Question): Promise<Tensor> => {
    const rows = waiting(q);
    const out: Tensor = {
      dtype: 'float32',
      shape: [q.ids.length, model.classes],
      data: new Float32Array(q.ids.length * model.classes),
    };
    const asked = part(q, rows);
    const fresh = rows.length === 0 ? undefined : await model.scores(asked);
    if (fresh !== undefined) {
      for (const [j, i] of rows.entries()) {
        const logits = fresh.data.slice(j * model.classes, (j + 1) * model.classes);
        last.set(rowOf.get(q.ids[i] as string) as number, { logits });
      }
      note(asked, fresh);
    }
    for (const [i, id] of q.ids.entries())
      out.data.set((last.get(rowOf.get(id) as number) as { logits: Float32Array }).logits, i * model.classes);
    return out;
  };

  return {
    model: {
      ...model,
      scores,
      async gradient(q, objective, given) {
        const rows = waiting(q);
        const asked = part(q, rows);
        const size = rowSize(q.images);
        const answer: GradientAnswer = {
          value: new Float32Array(q.ids.length),
          logits: {
            dtype: 'float32',
            shape: [q.ids.length, model.classes],
            data: new Float32Array(q.ids.length * model.classes),
          },
          gradient: { dtype: 'float32', shape: q.images.shape, data: new Float32Array(q.images.data.length) },
        };
        if (rows.length > 0) {
          const some = Object.fromEntries(
            Object.entries(given).map(([name, t]) => [name, takeRows(t as Tensor, rows)]),
          );
          const fresh = await model.gradient(asked, objective, some);
          for (const [j, i] of rows.entries())
            last.set(rowOf.get(q.ids[i] as string) as number, {
              value: fresh.value[j] as number,
              logits: fresh.logits.data.slice(j * model.classes, (j + 1) * model.classes),
              gradient: fresh.gradient.data.slice(j * size, (j + 1) * size),
            });
          note(asked, fresh.logits);
        }
        for (const [i, id] of q.ids.entries()) {
          const l = last.get(rowOf.get(id) as number);
          if (l === undefined) continue;
          answer.value[i] = l.value ?? 0;
          answer.logits.data.set(l.logits, i * model.classes);
          if (l.gradient !== undefined) answer.gradient.data.set(l.gradient, i * size);
        }
        return answer;
      },
    },
    keep(images) {
      const out = clone(images);
      const size = rowSize(images);
      for (const [row, data] of kept) out.data.set(data, row * size);
      return out;
    },
  };
}
