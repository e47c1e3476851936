import { type Answers, type GradientAnswer, type Oracle, within } from '../models/index.ts';
import { type Images, rowSize } from '../tensor/index.ts';

/** What one row was answered, kept for a sample that is asked no more. */
export interface Repeated {
  readonly class: number;
  readonly scores?: Float32Array | undefined;
  readonly extra: Readonly<Record<string, number>>;
  readonly value: number;
  readonly gradient?: Float32Array | undefined;
}

/** A copy of row i of an answer. */
export function repeated(answers: Answers & Partial<GradientAnswer>, i: number): Repeated {
  const { scores, gradient } = answers;
  const row = ({ data, shape }: Images): Float32Array => {
    const size = data.length / (shape[0] ?? 1);
    return data.slice(i * size, (i + 1) * size);
  };
  return {
    class: answers.classes[i] as number,
    scores: scores && row(scores),
    extra: Object.fromEntries(
      Object.entries(answers.extra ?? {}).map(([name, values]) => [name, values[i] as number]),
    ),
    value: answers.value?.[i] ?? 0,
    gradient: gradient && row(gradient),
  };
}

/** Fresh answers of some rows of a question, and for the others what they repeat; -1 and zeros where that is nothing. */
export interface Mixed<A> {
  readonly old: readonly (Repeated | undefined)[];
  /** Rows that were asked, in order. */
  readonly asked: readonly number[];
  /** Their answers; undefined where none was asked. */
  readonly fresh: A | undefined;
}

export function joined(oracle: Oracle, { old, asked, fresh }: Mixed<Answers>): Answers {
  const count = old.length;
  const classes = Int32Array.from(old, (o) => o?.class ?? -1);
  for (const [j, i] of asked.entries()) classes[i] = fresh?.classes[j] as number;
  const names = new Set([
    ...Object.keys(fresh?.extra ?? {}),
    ...old.flatMap((o) => Object.keys(o?.extra ?? {})),
  ]);
  const extra = Object.fromEntries(
    [...names].map((name) => {
      const values = Float64Array.from(old, (o) => o?.extra[name] ?? 0);
      for (const [j, i] of asked.entries()) values[i] = fresh?.extra?.[name]?.[j] ?? 0;
      return [name, values];
    }),
  );
  if (!within('scores', oracle.access)) return { classes };
  const scores = put(count, oracle.classes, [
    ...old.flatMap((o, i) => (o?.scores ? [[i, o.scores] as const] : [])),
    ...asked.map((i, j) => [i, rowOf(fresh?.scores, j)] as const),
  ]);
  return {
    classes,
    scores: { dtype: 'float32', shape: [count, oracle.classes], data: scores },
    ...(names.size > 0 && { extra }),
  };
}

export function joinedGradient(
  oracle: Oracle,
  images: Images,
  { old, asked, fresh }: Mixed<GradientAnswer>,
): GradientAnswer {
  const answers = joined(oracle, { old, asked, fresh });
  const value = Float32Array.from(old, (o) => o?.value ?? 0);
  for (const [j, i] of asked.entries()) value[i] = fresh?.value[j] as number;
  const gradient = put(old.length, rowSize(images), [
    ...old.flatMap((o, i) => (o?.gradient ? [[i, o.gradient] as const] : [])),
    ...asked.map((i, j) => [i, rowOf(fresh?.gradient, j)] as const),
  ]);
  return {
    ...answers,
    scores: answers.scores as Images,
    value,
    gradient: { dtype: 'float32', shape: images.shape, data: gradient },
  };
}

function rowOf(t: Images | undefined, row: number): Float32Array {
  if (t === undefined) return new Float32Array();
  const size = rowSize(t);
  return t.data.subarray(row * size, (row + 1) * size);
}

function put(
  count: number,
  size: number,
  found: readonly (readonly [row: number, values: Float32Array])[],
): Float32Array {
  const data = new Float32Array(count * size);
  for (const [row, values] of found) data.set(values, row * size);
  return data;
}
