import { gradient, type Rule } from '../../src/autodiff/index.ts';
import { type Graph, upgrade } from '../../src/onnx/index.ts';
import { createSession } from '../../src/runtime/index.ts';
import { type AnyTensor, numbers, tensor } from '../../src/tensor/index.ts';
import { drawn } from '../differences.ts';
import { asked, type Case, faults, fedInputs, givesGradient, graphOf, isFloat } from './case.ts';

// A case against the runtime: shapes, outputs and gradients, and what becomes of each when something is ignored.

/** What is wrong with a case, and what it shows. */
export interface Verdict {
  readonly wrong: readonly string[];
  /** What changes the shape or the gradient where it is ignored, or is no node that the runtime takes. */
  readonly firm: readonly string[];
  /** What changes the output alone. */
  readonly byOutput: readonly string[];
}

type Values = Readonly<Record<string, AnyTensor>>;

/** A node in the runtime, and how Σ y·weights changes along drawn directions of all inputs together. */
interface Measured {
  readonly outputs: readonly AnyTensor[];
  /** With the inputs moved a little. */
  readonly moved: readonly AnyTensor[];
  /** One for each of `directions`. */
  readonly slopes: (weights: readonly (readonly number[])[]) => Promise<number[]>;
  readonly release: () => Promise<void>;
}

const directions = 2;

/** Along which input x`i` moves. */
function direction(t: AnyTensor, i: number, k: number, whole: boolean): number[] {
  const d = numbers(drawn(t.shape, -1, 1, 1000 * (k + 1) + i));
  return whole ? d.map((v) => Math.round(1.5 * v)) : d;
}

function double(t: AnyTensor): AnyTensor {
  return t.dtype === 'float32' ? tensor<'float64'>(Float64Array.from(t.data), t.shape, 'float64') : t;
}

/** The case with its numbers in float64. */
const doubled = (c: Case): Case => ({
  ...c,
  inputs: c.inputs.map((t, i) => (t === undefined || c.fixed?.includes(i) === true ? t : double(t))),
});

const tolerance = { exact: 3e-5, single: 1e-3 };

async function measured(given: Case, exact: boolean): Promise<Measured> {
  const c = exact ? doubled(given) : given;
  const session = await createSession(graphOf(c), { name: c.operator, optimization: 'disabled' });
  const fed = fedInputs(c);
  const names = session.outputs.map((o) => o.name);
  const run = async (feeds: Values): Promise<AnyTensor[]> => {
    const found = await session.run(feeds);
    return names.map((name) => found[name] as AnyTensor);
  };
  try {
    const whole = c.whole === true;
    const wide = whole ? 1 : exact ? 2 ** -9 : 2 ** -5;
    const wanted = new Set(asked(c));
    const moved = (k: number, t: number): Values =>
      Object.fromEntries(
        fed.map(([name, value]) => {
          if (!wanted.has(name)) return [name, value];
          const d = direction(value, Number(name.slice(1)), k, whole);
          const data = numbers(value).map((v, i) => v + t * (d[i] as number));
          return [
            name,
            value.dtype === 'float64'
              ? tensor<'float64'>(Float64Array.from(data), value.shape, 'float64')
              : tensor(Float32Array.from(data), value.shape),
          ];
        }),
      );
    const outputs = await run(Object.fromEntries(fed));
    const slope = async (k: number, t: number, weights: readonly (readonly number[])[]): Promise<number> => {
      const [up, down] = [await run(moved(k, t)), await run(moved(k, -t))];
      const sum = (y: readonly AnyTensor[]): number =>
        weights.reduce(
          (total, w, o) =>
            w.length === 0
              ? total
              : numbers(y[o] as AnyTensor).reduce((s, v, i) => s + v * (w[i] ?? 0), total),
          0,
        );
      return (sum(up) - sum(down)) / (2 * t);
    };
    return {
      outputs,
      moved: await run(moved(0, wide / 3)),
      slopes: async (weights) => {
        const out: number[] = [];
        for (let k = 0; k < directions; k++) {
          const [first, second] = [await slope(k, wide, weights), await slope(k, wide / 2, weights)];
          out.push(whole ? first : (4 * second - first) / 3);
        }
        return out;
      },
      release: () => session.release(),
    };
  } catch (error) {
    await session.release();
    throw error;
  }
}

const shapesOf = (all: readonly AnyTensor[]): string =>
  all.map((t) => `${t.dtype}[${t.shape.join()}]`).join(' ');

/** Largest difference, against the size of what is compared. */
function distance(p: readonly AnyTensor[], q: readonly AnyTensor[]): number {
  let most = 0;
  for (const [i, t] of p.entries()) {
    if (t.dtype === 'string') {
      if (String(t.data) !== String(q[i]?.data)) return 1;
      continue;
    }
    const [a, b] = [numbers(t), numbers(q[i] as AnyTensor)];
    const size = Math.max(1, ...a.filter((v) => Number.isFinite(v)).map((v) => Math.abs(v)));
    for (const [at, v] of a.entries())
      if (!Object.is(v, b[at]) && v !== b[at])
        most = Math.max(
          most,
          Number.isFinite(v - (b[at] as number)) ? Math.abs(v - (b[at] as number)) / size : 1,
        );
  }
  return most;
}

/** What shapes are inferred: with the sizes given, and with the batch left free. */
function shapeFaults(c: Case, outputs: readonly AnyTensor[]): string[] {
  if (c.loose === 'shape') return [];
  const known = graphOf(c).outputs;
  const out: string[] = [];
  for (const [o, y] of outputs.entries()) {
    const { dtype, shape } = known[o] as Graph['outputs'][number];
    const actual = `${y.dtype} [${y.shape.join()}]`;
    if (`${dtype} [${shape?.join()}]` !== actual)
      out.push(`output ${o} is said to be ${dtype} [${shape?.join()}], and is ${actual}`);
  }
  if (c.loose === 'batch') return out;
  const free = graphOf(c, (t, i) => (i === 0 && t.shape.length > 1 ? ['N', ...t.shape.slice(1)] : t.shape));
  for (const [o, y] of outputs.entries()) {
    const shape = free.outputs[o]?.shape;
    const fits =
      shape !== undefined &&
      shape.length === y.shape.length &&
      shape.every((d, axis) => typeof d === 'string' || d === y.shape[axis]);
    if (!fits)
      out.push(`output ${o} is said to be [${shape?.join()}] of a free batch, and is [${y.shape.join()}]`);
  }
  return out;
}

/** Output and slopes as our gradient says. */
async function ours(
  c: Case,
  weights: readonly (readonly number[])[],
  outputs: readonly AnyTensor[],
  overrides: Readonly<Record<string, Rule>>,
): Promise<{ outputs: AnyTensor[]; slopes: number[]; sizes: number[]; odd: string[] }> {
  const graph = graphOf(c);
  const feeds: Values = Object.fromEntries(fedInputs(c));
  const wrt = asked(c);
  const slopes = Array.from({ length: directions }, () => 0);
  const sizes = [...slopes];
  const odd: string[] = [];
  let forward: AnyTensor[] = [];
  const run = async (made: Graph, more: Values): Promise<Record<string, AnyTensor>> => {
    const session = await createSession(made, { name: c.operator, optimization: 'disabled' });
    try {
      const all = { ...feeds, ...more };
      return await session.run(
        Object.fromEntries(made.inputs.map((i) => [i.name, all[i.name] as AnyTensor])),
      );
    } finally {
      await session.release();
    }
  };
  for (const [o, w] of weights.entries()) {
    if (w.length === 0) continue;
    const extended = gradient(graph, { of: `y${o}`, wrt, cotangent: 'input', overrides });
    const shape = outputs[o]?.shape as number[];
    const cotangent: AnyTensor =
      outputs[o]?.dtype === 'float64'
        ? tensor<'float64'>(Float64Array.from(w), shape, 'float64')
        : tensor(Float32Array.from(w), shape);
    const found = await run(extended, { cotangent });
    forward = graph.outputs.map((y) => found[y.name] as AnyTensor);
    for (const name of wrt) {
      const g = found[`grad_${name}`] as AnyTensor;
      const x = feeds[name] as AnyTensor;
      if (g.shape.join() !== x.shape.join()) odd.push(`the gradient of ${name} is [${g.shape.join()}]`);
      for (let k = 0; k < directions; k++) {
        const d = direction(x, Number(name.slice(1)), k, c.whole === true);
        const parts = numbers(g).map((v, i) => v * (d[i] as number));
        slopes[k] = (slopes[k] as number) + parts.reduce((s, v) => s + v, 0);
        sizes[k] = Math.hypot(sizes[k] as number, ...parts);
      }
    }
  }
  if (forward.length === 0) {
    const upgraded = upgrade(graph);
    const found = await run(upgraded, {});
    forward = graph.outputs.map((y) => found[y.name] as AnyTensor);
  }
  return { outputs: forward, slopes, sizes, odd };
}

/** In float64 where the runtime computes the operator in it, and not in float32 within. */
async function measuredExactly(c: Case): Promise<Measured | undefined> {
  if (c.whole === true || c.single === true || c.before !== undefined) return undefined;
  const found = await measured(c, true).catch(() => undefined);
  const fine = found?.moved.some(
    (y) => y.dtype === 'float64' && y.data.some((v) => Number.isFinite(v) && Math.fround(v) !== v),
  );
  if (found === undefined || fine === true) return found;
  await found.release();
  return undefined;
}

/** How a faulty node differs: not at all, in its output alone, or in a way that the comparisons would have found. */
async function difference(
  faulty: Case,
  exact: boolean,
  base: readonly AnyTensor[],
  differs: (slopes: readonly number[]) => boolean,
  weights: readonly (readonly number[])[],
): Promise<'none' | 'output' | 'found' | 'no node'> {
  const other = await measured(faulty, exact).catch(() => undefined);
  if (other === undefined) return 'no node';
  try {
    if (shapesOf(other.outputs) !== shapesOf(base)) return 'found';
    if (differs(await other.slopes(weights))) return 'found';
    return distance(base, other.outputs) > 1e-4 ? 'output' : 'none';
  } finally {
    await other.release();
  }
}

/**
 * @param overrides rules instead of the catalog's
 * @param faulty the nodes that must differ from the case, by what they show
 */
export async function judged(
  c: Case,
  overrides: Readonly<Record<string, Rule>> = {},
  faulty: readonly (readonly [string, Case])[] = faults(c),
): Promise<Verdict> {
  const wrong: string[] = [];
  const firm: string[] = [];
  const byOutput: string[] = [];
  const single = await measured(c, false);
  const exact = await measuredExactly(c);
  try {
    wrong.push(...shapeFaults(c, single.outputs));
    const weights = single.outputs.map((y, o) =>
      isFloat(y) && asked(c).length > 0 && givesGradient(c, o) && c.loose !== 'draws'
        ? numbers(drawn(y.shape, 0.5, 1.5, 70 + o))
        : [],
    );
    const own = await ours(c, weights, single.outputs, overrides);
    wrong.push(...own.odd);
    const off = distance(single.outputs, own.outputs);
    if (c.loose !== 'draws' && !(off < 1e-5))
      wrong.push(`the output is another by ${off} where it is differentiated`);
    const slopes = await (exact ?? single).slopes(weights);
    const allowed = (k: number): number =>
      (exact === undefined ? tolerance.single : tolerance.exact) *
      (Math.max(own.sizes[k] as number, Math.abs(slopes[k] as number)) + 0.05);
    for (const [k, slope] of slopes.entries())
      if (c.loose !== 'slope' && !(Math.abs(slope - (own.slopes[k] as number)) <= allowed(k)))
        wrong.push(`the gradient says ${own.slopes[k]} where differences say ${slope}`);
    // So far off that the comparison above would have failed.
    const differs = (theirs: readonly number[]): boolean =>
      c.loose !== 'slope' &&
      theirs.some((slope, k) => !(Math.abs(slope - (own.slopes[k] as number)) <= 2 * allowed(k)));
    for (const [shown, other] of faulty) {
      let found =
        exact === undefined ? 'no node' : await difference(other, true, exact.outputs, differs, weights);
      if (found === 'no node' || found === 'none')
        found = await difference(other, false, single.outputs, differs, weights);
      if (found === 'output') byOutput.push(shown);
      else if (found !== 'none') firm.push(shown);
      if (found === 'none') wrong.push(`${shown}: nothing changes where it is ignored`);
    }
  } finally {
    await single.release();
    await exact?.release();
  }
  return { wrong, firm, byOutput };
}
