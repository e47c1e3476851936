import type { Graph } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { AnyTensor, Tensor } from '../src/tensor/index.ts';
import { numbers, sizeOf, tensor } from '../src/tensor/index.ts';

// Gradients of small graphs against differences of the runtime's own results, in float32.

/** Numbers of [low, high), equal for equal seeds (mulberry32). */
export function drawn(shape: readonly number[], low: number, high: number, seed: number): Tensor {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const data = Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * next());
  return tensor(data, shape);
}

export type Feeds = Readonly<Record<string, AnyTensor>>;

/** All outputs of a graph; inputs that it does not have are left out. */
export async function outputsOf(
  graph: Graph,
  feeds: Feeds,
  optimization: 'disabled' | 'all' = 'disabled',
): Promise<Record<string, AnyTensor>> {
  const session = await createSession(graph, { name: graph.name, optimization });
  const own = Object.fromEntries(graph.inputs.map((i) => [i.name, feeds[i.name] as AnyTensor]));
  try {
    return await session.run(own);
  } finally {
    await session.release();
  }
}

export interface Slope {
  /** By differences, and by the gradient. */
  readonly expected: number;
  readonly found: number;
  /** The size that errors are measured by. */
  readonly typical: number;
}

/** A step of 2⁻⁷ leaves about 2⁻²⁴·2⁷ of rounding, and its extrapolation little curvature. */
const steps = [2 ** -6, 2 ** -7] as const;

/**
 * Slopes of Σ of·cotangent along drawn directions of one input.
 * @param gradient of `wrt`, in its shape
 * @param directions how many
 */
export async function slopes(
  graph: Graph,
  feeds: Feeds,
  { of, wrt, cotangent, gradient }: { of: string; wrt: string; cotangent: AnyTensor; gradient: AnyTensor },
  directions = 3,
): Promise<Slope[]> {
  const at = feeds[wrt] as AnyTensor;
  const [point, weights, g] = [numbers(at), numbers(cotangent), numbers(gradient)];
  const session = await createSession(graph, { name: graph.name, optimization: 'disabled' });
  const value = async (direction: readonly number[], t: number): Promise<number> => {
    const moved = Float32Array.from(point, (v, i) => v + t * (direction[i] as number));
    const own = Object.fromEntries(graph.inputs.map((i) => [i.name, feeds[i.name] as AnyTensor]));
    const y = (await session.run({ ...own, [wrt]: tensor(moved, at.shape) }))[of] as AnyTensor;
    return numbers(y).reduce((sum, v, i) => sum + v * (weights[i] as number), 0);
  };
  try {
    const out: Slope[] = [];
    for (let k = 0; k < directions; k++) {
      const direction = numbers(drawn(at.shape, -1, 1, 100 + k));
      const [wide, narrow] = (await Promise.all(
        steps.map(async (t) => ((await value(direction, t)) - (await value(direction, -t))) / (2 * t)),
      )) as [number, number];
      const found = g.reduce((sum, v, i) => sum + v * (direction[i] as number), 0);
      const norm = Math.hypot(...g.map((v, i) => v * (direction[i] as number)));
      out.push({ expected: (4 * narrow - wide) / 3, found, typical: Math.max(norm, Math.abs(narrow)) });
    }
    return out;
  } finally {
    await session.release();
  }
}
