import { attackMargins, type Goal } from '../attacks/index.ts';
import type { Classifier, GradientAnswer, Question } from '../models/index.ts';
import { clone, type Images, type Norm, rowSize, type Tensor, takeRows } from '../tensor/index.ts';
import { judgeImages, type Pixels } from './judge-images.ts';

/** How images will be judged: one that rounding would bring back has not fooled the model yet. */
export interface Judging {
  /** The clean images, in the order of the ids. */
  clean: Images;
  norm: Norm;
  epsilon: number;
  pixels: Pixels;
}

/** What a sample that has stopped answers from then on. */
interface Kept {
  readonly image: Float32Array;
  readonly logits: Float32Array;
  readonly value: number;
  /** None where it fooled a forward pass. */
  readonly gradient?: Float32Array;
}

/**
 * Lets samples whose image fools the model as it will be judged keep that image, and computes their rows no more:
 * they repeat their last answer. Only where the attacked model is the judged one, for images made to transfer lose by
 * it. Where pixels are 8-bit, an image that fools is asked about once more, rounded.
 */
export function earlyStop(
  model: Classifier,
  goal: Goal,
  ids: readonly string[],
  judging: Judging,
): { model: Classifier; keep(images: Images): Images } {
  const rowOf = new Map(ids.map((id, i) => [id, i]));
  const stopped = new Map<number, Kept>();
  const sampleOf = (id: string): number => rowOf.get(id) as number;
  const margins = (logits: Tensor, samples: readonly number[]): Float64Array => {
    const classes = Int32Array.from(samples, (s) => goal.classes[s] as number);
    return attackMargins(logits, { ...goal, classes });
  };

  const note = async (q: Question, logits: Tensor, answer?: GradientAnswer): Promise<void> => {
    const samples = q.ids.map(sampleOf);
    let met = [...margins(logits, samples).entries()].filter(([, m]) => m > 0).map(([i]) => i);
    if (judging.pixels === '8-bit' && met.length > 0) {
      const which = met.map((i) => samples[i] as number);
      const { images } = judgeImages(takeRows(q.images, met), takeRows(judging.clean, which), judging);
      const again = margins(await model.scores({ images, ids: met.map((i) => q.ids[i] as string) }), which);
      met = met.filter((_, j) => (again[j] as number) > 0);
    }
    const size = rowSize(q.images);
    for (const i of met) {
      const gradient = answer?.gradient.data.slice(i * size, (i + 1) * size);
      stopped.set(samples[i] as number, {
        image: q.images.data.slice(i * size, (i + 1) * size),
        logits: logits.data.slice(i * model.classes, (i + 1) * model.classes),
        value: answer?.value[i] ?? 0,
        ...(gradient && { gradient }),
      });
    }
  };

  /** The rows still to be asked about, and what the others answer. */
  const split = (q: Question): { rows: number[]; asked: Question; kept: readonly (Kept | undefined)[] } => {
    const kept = q.ids.map((id) => stopped.get(sampleOf(id)));
    const rows = kept.flatMap((k, i) => (k === undefined ? [i] : []));
    const asked = { ...q, images: takeRows(q.images, rows), ids: rows.map((i) => q.ids[i] as string) };
    return { rows, asked, kept };
  };
  const none = (q: Question): boolean => q.ids.every((id) => !stopped.has(sampleOf(id)));

  const scores = async (q: Question): Promise<Tensor> => {
    if (none(q)) {
      const all = await model.scores(q);
      await note(q, all);
      return all;
    }
    const { rows, asked, kept } = split(q);
    const k = model.classes;
    const data = new Float32Array(q.ids.length * k);
    for (const [i, own] of kept.entries()) if (own !== undefined) data.set(own.logits, i * k);
    if (rows.length > 0) {
      const fresh = await model.scores(asked);
      for (const [j, i] of rows.entries()) data.set(fresh.data.subarray(j * k, (j + 1) * k), i * k);
      await note(asked, fresh);
    }
    return { dtype: 'float32', shape: [q.ids.length, k], data };
  };

  return {
    model: {
      ...model,
      scores,
      async gradient(q, objective, given) {
        if (none(q)) {
          const all = await model.gradient(q, objective, given);
          await note(q, all.logits, all);
          return all;
        }
        const { rows, asked, kept } = split(q);
        const [k, size] = [model.classes, rowSize(q.images)];
        const answer: GradientAnswer = {
          value: new Float32Array(q.ids.length),
          logits: {
            dtype: 'float32',
            shape: [q.ids.length, k],
            data: new Float32Array(q.ids.length * k),
          },
          gradient: { dtype: 'float32', shape: q.images.shape, data: new Float32Array(q.images.data.length) },
        };
        const put = (i: number, value: number, logits: Float32Array, gradient?: Float32Array): void => {
          answer.value[i] = value;
          answer.logits.data.set(logits, i * k);
          if (gradient !== undefined) answer.gradient.data.set(gradient, i * size);
        };
        for (const [i, own] of kept.entries())
          if (own !== undefined) put(i, own.value, own.logits, own.gradient);
        if (rows.length > 0) {
          const some = Object.fromEntries(
            Object.entries(given).map(([name, t]) => [name, takeRows(t as Tensor, rows)]),
          );
          const fresh = await model.gradient(asked, objective, some);
          for (const [j, i] of rows.entries()) {
            const logits = fresh.logits.data.subarray(j * k, (j + 1) * k);
            put(i, fresh.value[j] as number, logits, fresh.gradient.data.subarray(j * size, (j + 1) * size));
          }
          await note(asked, fresh.logits, fresh);
        }
        return answer;
      },
    },
    keep(images) {
      const out = clone(images);
      const size = rowSize(images);
      for (const [row, { image }] of stopped) out.data.set(image, row * size);
      return out;
    },
  };
}
