import type { Rule } from '../../src/autodiff/index.ts';
import { gradient } from '../../src/autodiff/index.ts';
import type { Graph } from '../../src/onnx/index.ts';
import type { Session } from '../../src/runtime/index.ts';
import { createSession } from '../../src/runtime/index.ts';
import type { AnyTensor, DType } from '../../src/tensor/index.ts';
import { numbers, sizeOf } from '../../src/tensor/index.ts';
import type { Parameter } from './program.ts';
import { drawn, floatTensor, Program, uniform } from './program.ts';

/**
 * What came of one comparison: `kink` where differences of several steps contradict each other, `wild` where values
 * are too large or no numbers, `flat` where neither gradient nor differences show any slope.
 */
export type Verdict =
  | { readonly kind: 'agrees'; readonly error: number }
  | { readonly kind: 'kink' | 'wild' | 'flat' }
  | { readonly kind: 'differs'; readonly message: string };

interface Precision {
  readonly steps: readonly number[];
  /** Differences of two steps that agree to this share of the typical slope count as a derivative. */
  readonly steady: number;
  /** Largest share by which the gradient may depart from it. */
  readonly tolerance: number;
  /** Relative rounding of one operation. */
  readonly unit: number;
  /** Slopes below are taken for none: functions that saturate round in their own ways. */
  readonly least: number;
}

/**
 * In float32 a step of 2⁻⁷ leaves about 2⁻²⁴ · √terms · 2⁷ ≈ 10⁻⁴ of rounding; in float64 with 2⁻¹⁷ it is 10⁻¹⁰,
 * like the cubic term. A gradient graph that the runtime takes in float32 only is itself good to 10⁻⁴.
 */
const precisions = {
  float32: {
    steps: [2 ** -5, 2 ** -6, 2 ** -7, 2 ** -8],
    steady: 4e-3,
    tolerance: 1e-2,
    unit: 2 ** -24,
    least: 1e-5,
  },
  float64: {
    steps: [2 ** -14, 2 ** -15, 2 ** -16],
    steady: 1e-6,
    tolerance: 1e-5,
    unit: 2 ** -53,
    least: 1e-10,
  },
} as const satisfies Record<string, Precision>;

const mixedTolerance = 1e-3;

interface Point {
  readonly values: ReadonlyMap<string, Float64Array>;
  readonly cotangent: Float64Array;
}

/** Compares the gradient by every parameter with differences of the runtime's own results, at one drawn point. */
export class Comparison {
  private readonly program: Program;
  private readonly of: string;
  private readonly all: readonly Parameter[];
  private readonly forward: Session;
  private readonly overrides: Readonly<Record<string, Rule>>;

  private constructor(
    program: Program,
    of: string,
    forward: Session,
    overrides: Readonly<Record<string, Rule>>,
  ) {
    this.program = program;
    this.of = of;
    this.all = [program.input, ...program.parameters];
    this.forward = forward;
    this.overrides = overrides;
  }

  /** @param overrides rules under test in the place of the catalog's */
  static async of(
    program: Program,
    of: string,
    overrides: Readonly<Record<string, Rule>> = {},
  ): Promise<Comparison> {
    const graph = program.graph(of, 'inputs');
    const session = await createSession(graph, { name: 'random', optimization: 'disabled' });
    return new Comparison(program, of, session, overrides);
  }

  release(): Promise<void> {
    return this.forward.release();
  }

  async at(seed: number): Promise<Verdict> {
    const next = uniform(seed);
    const dtype = this.program.options.dtype;
    const values = new Map(this.all.map((p) => [p.name, drawn(p, next)]));
    const y = await this.output(values);
    const cotangent = Float64Array.from(y, () => Math.fround(0.5 + next()) * (next() < 0.5 ? -1 : 1));
    const point: Point = { values, cotangent };
    const size = Math.sqrt(y.reduce((sum, v, i) => sum + (v * (cotangent[i] as number)) ** 2, 0));
    if (!(size < 1e4)) return { kind: 'wild' };
    const found = await this.gradients(point, next() < 0.5);
    const tolerance = found.dtype === dtype ? precisions[dtype].tolerance : mixedTolerance;
    let worst = 0;
    let slopes = 0;
    for (const p of this.all) {
      const g = found.gradients.get(p.name) as Float64Array;
      if (g.length !== sizeOf(p.shape))
        return { kind: 'differs', message: `shape of the gradient of ${p.name}` };
      for (let draw = 0; draw < (p.name === 'x' ? 2 : 1); draw++) {
        const direction = sparse(g.length, next);
        const verdict = await this.along(point, p.name, direction, g, { tolerance, size });
        if (verdict.kind === 'flat') continue;
        if (verdict.kind !== 'agrees') return verdict;
        slopes++;
        worst = Math.max(worst, verdict.error);
      }
    }
    return slopes === 0 ? { kind: 'flat' } : { kind: 'agrees', error: worst };
  }

  /** @param y.size the norm of the weighted output, which bounds what rounding does to it */
  private async along(
    point: Point,
    name: string,
    direction: Float64Array,
    g: Float64Array,
    y: { tolerance: number; size: number },
  ): Promise<Verdict> {
    const { steps, steady, unit, least } = precisions[this.program.options.dtype];
    let slope = 0;
    let squares = 0;
    for (let i = 0; i < g.length; i++) {
      const part = (g[i] as number) * (direction[i] as number);
      slope += part;
      squares += part ** 2;
    }
    const middle = await this.value(point, name, direction, 0);
    const estimates: number[] = [];
    // How far the slopes to either side lie apart: half as far at half the step where there is no kink.
    const bends: number[] = [];
    for (const step of steps) {
      const after = await this.value(point, name, direction, step);
      const before = await this.value(point, name, direction, -step);
      estimates.push((after - before) / (2 * step));
      bends.push(Math.abs(after + before - 2 * middle) / step);
    }
    if (estimates.some((e) => !Number.isFinite(e))) return { kind: 'wild' };
    const typical = Math.max(Math.sqrt(squares), Math.abs(estimates[1] as number));
    const rounding = (step: number): number => (16 * unit * y.size) / step;
    const last = steps.length - 1;
    if (typical <= Math.max(least, rounding(steps[last] as number))) return { kind: 'flat' };
    if (!Number.isFinite(slope)) return { kind: 'differs', message: `the gradient of ${name} is ${slope}` };
    if (typical > 1e5) return { kind: 'wild' };
    // Neighbouring steps that agree, extrapolated to the step 0; kinks within reach and curvature spoil it.
    for (let i = 0; i < last; i++) {
      const [wide, narrow] = [estimates[i] as number, estimates[i + 1] as number];
      const doubt = Math.abs(wide - narrow);
      if (doubt > steady * typical || rounding(steps[i + 1] as number) > steady * typical) continue;
      const limit = (4 * narrow - wide) / 3;
      const error = Math.abs(limit - slope) / typical;
      if (error <= y.tolerance) return { kind: 'agrees', error };
    }
    const agreeing = estimates.every(
      (e) => Math.abs(e - (estimates[last] as number)) <= 2 * steady * typical,
    );
    if (!agreeing) return { kind: 'kink' };
    if (rounding(steps[last] as number) > steady * typical) return { kind: 'flat' };
    // Without a kink halving the step quarters what the estimate still changes by.
    const [now, before] = [change(estimates, last), change(estimates, last - 1)];
    if (now > before / 2 && now > rounding(steps[last] as number)) return { kind: 'kink' };
    const bend = bends[last] as number;
    if (bend > 0.8 * (bends[last - 1] as number) && bend >= Math.abs(slope - (estimates[last] as number)))
      return { kind: 'kink' };
    return {
      kind: 'differs',
      message: `along a direction of ${name} the gradient says ${slope}, differences ${estimates.join(', ')}`,
    };
  }

  /** The weighted sum of the output, `t` along the direction. */
  private async value(point: Point, name: string, direction: Float64Array, t: number): Promise<number> {
    const own = point.values.get(name) as Float64Array;
    const moved = own.map((v, i) => v + t * (direction[i] as number));
    const y = await this.output(new Map(point.values).set(name, moved));
    return y.reduce((sum, v, i) => sum + v * (point.cotangent[i] as number), 0);
  }

  private async output(values: ReadonlyMap<string, Float64Array>): Promise<Float64Array> {
    const results = await this.forward.run(this.feeds(values, this.program.options.dtype));
    return Float64Array.from(numbers(results[this.of] as AnyTensor));
  }

  private feeds(values: ReadonlyMap<string, Float64Array>, dtype: DType): Record<string, AnyTensor> {
    return Object.fromEntries(
      this.all.map((p) => [p.name, floatTensor(values.get(p.name) as Float64Array, p.shape, dtype)]),
    );
  }

  /** By the gradient graph, in the type of the program or, where the runtime lacks a kernel, in float32. */
  private async gradients(
    point: Point,
    asInputs: boolean,
  ): Promise<{ gradients: Map<string, Float64Array>; dtype: DType }> {
    const { dtype } = this.program.options;
    const all = this.feeds(point.values, dtype);
    const graph = this.program.graph(this.of, asInputs ? 'inputs' : all);
    const wrt = this.all.map((p) => p.name);
    const build = (g: Graph): Graph =>
      gradient(g, { of: this.of, wrt, cotangent: 'input', keep: [], overrides: this.overrides });
    let extended = build(graph);
    let used: DType = dtype;
    let session: Session;
    try {
      session = await createSession(extended, { name: 'gradient' });
    } catch (error) {
      if (dtype === 'float32') throw error;
      extended = build(narrowed(graph));
      used = 'float32';
      session = await createSession(extended, { name: 'gradient' });
    }
    try {
      const given = { ...this.feeds(point.values, used) };
      const results = this.forward.outputs[0];
      const y = await this.forward.run(all);
      const shape = (y[results?.name ?? ''] as AnyTensor).shape;
      const feeds: Record<string, AnyTensor> = {};
      for (const input of extended.inputs)
        feeds[input.name] = given[input.name] ?? floatTensor(point.cotangent, shape, used);
      const out = await session.run(feeds);
      const gradients = new Map(
        wrt.map((name, i) => [
          name,
          Float64Array.from(numbers(out[extended.outputs[i]?.name ?? ''] as AnyTensor)),
        ]),
      );
      return { gradients, dtype: used };
    } finally {
      await session.release();
    }
  }
}

function change(estimates: readonly number[], i: number): number {
  return Math.abs((estimates[i] as number) - (estimates[i - 1] as number));
}

/** The graph in float32 instead of float64. */
function narrowed(graph: Graph): Graph {
  const narrow = (t: AnyTensor): AnyTensor =>
    t.dtype === 'float64' ? floatTensor(t.data, t.shape, 'float32') : t;
  return {
    ...graph,
    inputs: graph.inputs.map((i) => (i.dtype === 'float64' ? { ...i, dtype: 'float32' } : i)),
    outputs: graph.outputs.map((o) => (o.dtype === 'float64' ? { ...o, dtype: 'float32' } : o)),
    initializers: new Map([...graph.initializers].map(([name, t]) => [name, narrow(t)])),
    values: new Map(),
  };
}

/** A direction in about eight elements, so that it seldom leads over a kink; all of them if there are few. */
function sparse(length: number, next: () => number): Float64Array {
  const share = Math.min(1, 8 / length);
  const direction = new Float64Array(length);
  const signed = (): number => (0.5 + next()) * (next() < 0.5 ? -1 : 1);
  for (let i = 0; i < length; i++) if (next() < share) direction[i] = signed();
  if (direction.every((v) => v === 0) && length > 0) direction[Math.floor(next() * length)] = signed();
  return direction;
}
