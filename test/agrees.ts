import { expect } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import type { Shape } from '../src/onnx/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import type { AnyTensor, Tensor } from '../src/tensor/index.ts';
import { numbers, sizeOf, tensor } from '../src/tensor/index.ts';
import { outputsOf } from './differences.ts';

/** Numbers between -scale and scale, the same for the same seed. */
export function filled(shape: readonly number[], seed: number, scale = 1): Tensor {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (2 * state) / 2 ** 32 - 1;
  };
  return tensor(
    Float32Array.from({ length: sizeOf(shape) }, () => scale * next()),
    shape,
  );
}

export const dot = (p: readonly number[], q: readonly number[]): number =>
  p.reduce((sum, v, i) => sum + v * (q[i] as number), 0);

interface Given {
  /** Sizes of the input x. */
  shape: readonly number[];
  /** The shape that the graph declares for it, with free sizes; `shape` by default. */
  declared?: Shape;
  opset?: number;
  /** That of `ai.onnx.ml`, for its operators. */
  learning?: number;
  /** Largest step of the differences; the functions are smooth enough within it. */
  step?: number;
  /** Whether the gradient is differentiated as well. */
  second?: boolean;
  /** Values of further inputs, which `build` declares. */
  feeds?: Readonly<Record<string, AnyTensor>>;
}

/**
 * The output of a graph against the runtime's own kernel, once as the graph is and once as it is differentiated, and
 * the gradient against central differences of that kernel.
 * @param build appends the operator under test. @returns the name of its output
 */
export async function agrees(given: Given, build: (b: GraphBuilder, x: string) => string): Promise<void> {
  const b = new GraphBuilder(undefined, { opset: given.opset ?? 18 });
  b.output(build(b, b.input('x', 'float32', given.declared ?? given.shape)), 'y');
  const made = b.finish();
  const graph =
    given.learning === undefined
      ? made
      : { ...made, opsets: new Map(made.opsets).set('ai.onnx.ml', given.learning) };
  const x = filled(given.shape, 7);
  const { y } = (await outputsOf(graph, { ...given.feeds, x })) as { y: Tensor };
  const cotangent = filled(y.shape, 11);
  const asked = inspect(graph, { of: 'y', wrt: 'x' });
  expect(asked.blocking).toEqual([]);
  expect(asked.differentiable).toBe(true);
  const extended = gradient(graph, { of: 'y', wrt: ['x'], cotangent: 'input' });
  const found = await outputsOf(extended, { ...given.feeds, x, cotangent });
  const own = numbers(found['y'] as AnyTensor);
  expect(found['y']?.shape).toEqual(y.shape);
  expect(Math.max(...numbers(y).map((v, i) => Math.abs(v - (own[i] as number))))).toBeLessThan(1e-5);
  const g = found['grad_x'] as Tensor;
  expect(g.shape).toEqual(given.shape);
  await follows(numbers(g), given, async (moved) =>
    dot(
      numbers((await outputsOf(graph, { ...given.feeds, x: moved }))['y'] as AnyTensor),
      numbers(cotangent),
    ),
  );
  if (given.second === true) {
    const vector = filled(given.shape, 13);
    const twice = gradient(extended, { of: 'grad_x', wrt: ['x'], cotangent: 'input', keep: [] });
    const [output = ''] = twice.outputs.map((o) => o.name);
    const weights = twice.inputs.filter((i) => i.name.startsWith('cotangent_')).map((i) => [i.name, vector]);
    const feeds = { ...given.feeds, x, cotangent, ...Object.fromEntries(weights) };
    const product = await outputsOf(twice, feeds);
    await follows(numbers(product[output] as AnyTensor), given, async (moved) => {
      const at = await outputsOf(extended, { ...given.feeds, x: moved, cotangent });
      return dot(numbers(at['grad_x'] as AnyTensor), numbers(vector));
    });
  }
}

/** Whether `value`, a function of x, changes along random directions as the gradient `g` says. */
async function follows(
  g: readonly number[],
  { shape, step = 1e-2 }: Given,
  value: (x: Tensor) => Promise<number>,
): Promise<void> {
  const x = filled(shape, 7);
  for (const seed of [21, 22, 23]) {
    const direction = filled(shape, seed);
    const along = (t: number): Promise<number> =>
      value(
        tensor(
          Float32Array.from(x.data, (v, i) => v + t * (direction.data[i] as number)),
          shape,
        ),
      );
    const slope = ((await along(step)) - (await along(-step))) / (2 * step);
    const norm = Math.sqrt(dot(g, g) * dot(numbers(direction), numbers(direction)));
    expect(norm).toBeGreaterThan(0);
    expect(Math.abs(slope - dot(g, numbers(direction))) / norm).toBeLessThan(2e-3);
  }
}
