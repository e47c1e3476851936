import { describe, expect, test } from 'vitest';
import { type Build, built, dropout, full, yes } from '../../test/built.ts';
import { gradient } from '../autodiff/index.ts';
import { createSession } from '../runtime/index.ts';
import {
  type AnyTensor,
  type DType,
  numbers,
  randomOf,
  scalar,
  sizeOf,
  type Tensor,
  tensor,
} from '../tensor/index.ts';
import { float } from './attribute-input.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';
import { fillDraw, type Lifted, type LiftedDraw, liftRandom } from './lift-random.ts';
import { onnxType } from './types.ts';

/** Numbers for `rows` rows, each from a stream of its own. */
function drawn(draws: readonly LiftedDraw[], rows: number): Record<string, Tensor> {
  const random = randomOf(1, 'test');
  return Object.fromEntries(
    draws.map((draw) => {
      const data = new Float32Array(rows * sizeOf(draw.shape));
      for (let i = 0; i < rows; i++)
        fillDraw(
          draw,
          data.subarray(i * sizeOf(draw.shape), (i + 1) * sizeOf(draw.shape)),
          random.stream(`row ${i}`, draw.name),
        );
      return [draw.name, tensor(data, [rows, ...draw.shape])];
    }),
  );
}

async function run(graph: Graph, feeds: Record<string, AnyTensor>): Promise<Record<string, AnyTensor>> {
  const session = await createSession(graph, { name: 'lifted' });
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

/** What comes out for 5000 rows of the same input, and the draws. */
async function sampled(
  build: Build,
  row: readonly number[] = [1, 1, 1, 1],
): Promise<{ y: AnyTensor; lifted: Lifted }> {
  const lifted = liftRandom(built(build, ['N', row.length]), 'N');
  const x = tensor(
    Float32Array.from({ length: 5000 * row.length }, (_, i) => row[i % row.length] as number),
    [5000, row.length],
  );
  const { y } = await run(lifted.graph, { x, ...drawn(lifted.draws, 5000) });
  return { y: y as AnyTensor, lifted };
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((v) => (v - centre) ** 2));
}

/** Five standard errors of the mean of n values. */
const within = (sd: number, n: number): number => (5 * sd) / Math.sqrt(n);

const draw = (name: string, kind: LiftedDraw['kind'], shape: readonly number[] = [4]): LiftedDraw => ({
  name,
  shape,
  kind,
});

describe('what each operator draws', () => {
  test.for([
    ['RandomNormalLike', 'float32'],
    ['RandomNormalLike', 'float64'],
    ['RandomNormalLike', 'float16'],
  ] as const)('%s of type %s: mean and variance', async ([op, dtype]) => {
    const attributes = { mean: float(3), scale: float(0.5), dtype: onnxType(dtype), seed: float(7) };
    const { y, lifted } = await sampled((b, x) => b.op(op, [x], attributes, 'noise'));
    expect(lifted.draws).toEqual([draw('noise_normal', 'normal')]);
    expect([lifted.perRow, y.dtype, y.shape]).toEqual([true, dtype, [5000, 4]]);
    const values = numbers(y);
    expect(Math.abs(mean(values) - 3)).toBeLessThan(within(0.5, 20_000));
    expect(Math.abs(variance(values) - 0.25)).toBeLessThan(within(0.25 * Math.SQRT2, 20_000));
    // A normal distribution has 4.55 % beyond two deviations.
    const beyond = mean(values.map((v) => Number(Math.abs(v - 3) > 1)));
    expect(Math.abs(beyond - 0.0455)).toBeLessThan(within(Math.sqrt(0.0455), 20_000));
  });

  test('RandomUniformLike: range, mean and variance', async () => {
    const attributes = { low: float(-1), high: float(3) };
    const { y, lifted } = await sampled((b, x) => b.op('RandomUniformLike', [x], attributes, 'noise'));
    expect(lifted.draws).toEqual([draw('noise_uniform', 'uniform')]);
    const values = numbers(y);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
    expect(Math.abs(mean(values) - 1)).toBeLessThan(within(4 / Math.sqrt(12), 20_000));
    expect(Math.abs(variance(values) - 16 / 12)).toBeLessThan(within(16 / Math.sqrt(180), 20_000));
  });

  test('Bernoulli: the share of ones is the probability', async () => {
    const { y, lifted } = await sampled(
      (b, x) => b.op('Bernoulli', [x], { dtype: onnxType('int32') }, 'coin'),
      [0, 0.2, 0.7, 1],
    );
    expect([lifted.draws, y.dtype]).toEqual([[draw('coin_uniform', 'uniform')], 'int32']);
    const ones = (column: number): number => mean(numbers(y).filter((_, i) => i % 4 === column));
    expect([ones(0), ones(3)]).toEqual([0, 1]);
    expect(Math.abs(ones(1) - 0.2)).toBeLessThan(within(0.4, 5000));
    expect(Math.abs(ones(2) - 0.7)).toBeLessThan(within(Math.sqrt(0.21), 5000));
  });

  test('Multinomial: the frequency of each class', async () => {
    const logits = [Math.log(1), Math.log(4), Number.NEGATIVE_INFINITY, Math.log(5)];
    const { y, lifted } = await sampled(
      (b, x) => b.op('Multinomial', [x], { sample_size: 3, dtype: onnxType('int64') }, 'class'),
      logits,
    );
    expect(lifted.draws).toEqual([draw('class_uniform', 'uniform', [3])]);
    expect([y.dtype, y.shape]).toEqual(['int64', [5000, 3]]);
    const values = numbers(y);
    for (const [c, share] of [0.1, 0.4, 0, 0.5].entries())
      expect(Math.abs(mean(values.map((v) => Number(v === c))) - share)).toBeLessThanOrEqual(
        within(Math.sqrt(share * (1 - share)), 15_000),
      );
    // Two samples of a row are independent: both are class 3 in a quarter of the rows.
    const both = mean(
      Array.from({ length: 5000 }, (_, i) => Number(values[3 * i] === 3 && values[3 * i + 1] === 3)),
    );
    expect(Math.abs(both - 0.25)).toBeLessThan(within(Math.sqrt(0.1875), 5000));
  });

  test('Multinomial at the ends of [0,1): never a class of probability 0', async () => {
    const never = Number.NEGATIVE_INFINITY;
    const { graph, draws } = liftRandom(
      built((b, x) => b.op('Multinomial', [x], { sample_size: 2 })),
      'N',
    );
    const x = tensor(Float32Array.from([never, 0.3, 0.1, never]), [1, 4]);
    const u = tensor(Float32Array.from([0, 1 - 2 ** -24]), [1, 2]);
    const { y } = await run(graph, { x, [draws[0]?.name ?? '']: u });
    expect([y?.dtype, ...numbers(y as AnyTensor)]).toEqual(['int32', 1, 2]);
  });

  test('Dropout: the share kept, and the mean that stays', async () => {
    const { y, lifted } = await sampled(dropout(0.3));
    expect(lifted.draws).toEqual([draw('Dropout_uniform', 'uniform')]);
    const values = numbers(y);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(Math.abs(mean(values.map((v) => Number(v > 0))) - 0.7)).toBeLessThan(
      within(Math.sqrt(0.21), 20_000),
    );
  });

  test('RandomNormal and RandomUniform have a shape of their own', async () => {
    const build: Build = (b, x) =>
      b.op('Add', [
        b.op('Add', [x, b.op('RandomNormal', [], { shape: [1, 4] })]),
        b.op('RandomUniform', [], { shape: [4], low: float(10), high: float(11) }),
      ]);
    const { graph, draws, perRow } = liftRandom(built(build), 'N');
    expect([perRow, draws]).toEqual([
      false,
      [draw('RandomNormal_normal', 'normal', [1, 4]), draw('RandomUniform_uniform', 'uniform')],
    ]);
    const feeds = {
      RandomNormal_normal: tensor(Float32Array.from([1, 2, 3, 4]), [1, 4]),
      RandomUniform_uniform: tensor(Float32Array.from([0, 0.25, 0.5, 0.75]), [4]),
    };
    const { y } = await run(graph, { x: full(100, [1, 4]), ...feeds });
    expect(numbers(y as AnyTensor)).toEqual([111, 112.25, 113.5, 114.75]);
  });
});

describe('dropout', () => {
  const masked = (ratio: number | undefined, dtype: DType): Graph => {
    const b = new GraphBuilder();
    const x = b.input('x', dtype, ['N', 50]);
    const inputs = [x, ratio === undefined ? undefined : b.scalar(ratio), yes(b)];
    const [y = '', mask = ''] = b.node('Dropout', inputs, {}, { outputs: ['y', 'mask'] });
    b.output(y);
    b.output(mask);
    return b.finish();
  };

  test.for([
    [0.25, 'float32'],
    [0.7, 'float32'],
    [0.7, 'float64'],
    [undefined, 'float32'],
  ] as const)('of ratio %s and type %s is the runtime’s own, given its mask', async ([ratio, dtype]) => {
    const graph = masked(ratio, dtype);
    const values = Array.from({ length: 100 }, (_, i) => Math.sin(i * i));
    const x: AnyTensor =
      dtype === 'float32'
        ? tensor(Float32Array.from(values), [2, 50])
        : tensor(Float64Array.from(values), [2, 50], dtype);
    const own = await run(graph, { x });
    const kept = numbers(own['mask'] as AnyTensor);
    const u = tensor(
      Float32Array.from(kept, (k) => (k === 1 ? (ratio ?? 0.5) : 0)),
      [2, 50],
    );
    const lifted = liftRandom(graph, 'N');
    expect(lifted.draws).toEqual([draw('y_uniform', 'uniform', [50])]);
    expect(await run(lifted.graph, { x, y_uniform: u })).toEqual(own);
    expect(new Set(kept)).toEqual(new Set([0, 1]));
  });

  test('passes the gradient where it keeps, by 1 / (1 − ratio): against central differences', async () => {
    const weights = Float64Array.from({ length: 6 }, (_, i) => Math.cos(i));
    const build: Build = (b, x) =>
      b.op('Tanh', [dropout(0.25)(b, b.op('Mul', [x, b.constant(tensor(weights, [6], 'float64'))]))]);
    const lifted = liftRandom(built(build, ['N', 6], 'float64'), 'N');
    const u = tensor(Float32Array.from([0.9, 0.1, 0.25, 0.24, 0.5, 0]), [1, 6]);
    const at = Float64Array.from({ length: 6 }, (_, i) => 0.3 * i - 0.7);
    const value = async (x: Float64Array): Promise<number> => {
      const { y } = await run(lifted.graph, { x: tensor(x, [1, 6], 'float64'), Dropout_uniform: u });
      return numbers(y as AnyTensor).reduce((sum, v) => sum + v, 0);
    };
    const derived = gradient(lifted.graph, { of: 'y', wrt: ['x'] });
    const { grad_x } = await run(derived, { x: tensor(at, [1, 6], 'float64'), Dropout_uniform: u });
    const found = numbers(grad_x as AnyTensor);
    for (const [i, g] of found.entries()) {
      const h = 1e-5;
      const slope =
        ((await value(at.with(i, (at[i] as number) + h))) -
          (await value(at.with(i, (at[i] as number) - h)))) /
        (2 * h);
      expect(g).toBeCloseTo(slope, 8);
    }
    expect(found.map((g) => g !== 0)).toEqual([true, false, true, false, true, false]);
  });

  test('in inference, or of ratio 0, draws nothing', () => {
    const off = (b: GraphBuilder, x: string): string =>
      b.op('Dropout', [x, b.scalar(0.5), b.constant(scalar(0, 'bool'))]);
    const plain = (b: GraphBuilder, x: string): string => b.op('Dropout', [x, b.scalar(0.5)]);
    for (const build of [off, plain, dropout(0)]) {
      const graph = built(build);
      const lifted = liftRandom(graph, 'N');
      expect([lifted.draws, lifted.perRow]).toEqual([[], true]);
      expect(lifted.graph).toBe(graph);
    }
  });
});
