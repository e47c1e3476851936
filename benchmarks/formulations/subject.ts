import { type BackwardContext, defineRule, gradient, type Rule, rules } from 'advarena/autodiff';
import { type Graph, GraphBuilder, type Node } from 'advarena/onnx';
import { randomOf, sizeOf, type Tensor } from 'advarena/tensor';

/** Where a formulation stands: the operator's node, its input, output and the output's gradient. */
export interface Site {
  readonly b: GraphBuilder;
  readonly node: Node;
  readonly x: string;
  readonly y: string;
  readonly dy: string;
}

export interface Formulation {
  readonly name: string;
  readonly note?: string;
  /** Appends the gradient of the subject's input. @returns its name */
  readonly write: (site: Site) => string;
  /** Rules for other operators of the subject. */
  readonly also?: Readonly<Record<string, Rule>>;
}

/** An operator at one shape, and the ways to write its gradient. */
export interface Subject {
  readonly operator: string;
  readonly shape: string;
  /** Shapes of the graph's inputs. */
  readonly inputs: readonly (readonly number[])[];
  /** Whether the operator reads the image itself; else a cheap convolution stands before it. */
  readonly first?: boolean;
  /** Appends the operator, its own node last. @returns its output */
  readonly operate: (b: GraphBuilder, x: readonly string[]) => string;
  /** Appends a second reader of the same input. @returns the sum of both outputs */
  readonly beside?: (b: GraphBuilder, x: string, y: string) => string;
  readonly formulations: readonly Formulation[];
}

/** What one formulation makes of a subject. */
export interface Written {
  /** The gradients themselves, to compare. */
  readonly whole: Graph;
  /** The same for timing, see {@link shortened}. */
  readonly timed: Graph;
}

export function forwardOf(subject: Subject): { graph: Graph; of: string; wrt: string[]; node: Node } {
  const b = new GraphBuilder();
  const wrt = subject.inputs.map((shape, i) => b.input(`u${i}`, 'float32', shape));
  const x = subject.first === true ? wrt : wrt.map((u) => surround(b, u));
  const y = subject.operate(b, x);
  const node = b.nodes.at(-1) as Node;
  const of = surround(b, subject.beside?.(b, x[0] as string, y) ?? y);
  b.output(of);
  return { graph: b.finish(), of, wrt, node };
}

/** The subject with its gradient by one formulation, or as src/autodiff has it. */
export function write(subject: Subject, formulation?: Formulation): Written {
  const { graph, of, wrt, node } = forwardOf(subject);
  const overrides = formulation === undefined ? {} : rulesOf(formulation, node);
  const whole = gradient(graph, { of, wrt, cotangent: 'input', overrides });
  return { whole, timed: shortened(whole) };
}

/** The graph with the mean over the map of each output in its place, so that nothing large is copied out. */
export function shortened(graph: Graph): Graph {
  const b = new GraphBuilder(graph);
  b.setOutputs(graph.outputs.map(({ name }) => b.op('GlobalAveragePool', [name])));
  return b.finish();
}

function rulesOf(formulation: Formulation, subject: Node): Record<string, Rule> {
  const usual = rules.get(subject.op) as Rule;
  const own = defineRule({
    op: subject.op,
    backward: (c: BackwardContext) => {
      const { b, node, x, y, dy } = c;
      if (node.outputs[0] !== subject.outputs[0]) return usual.backward(c);
      return [formulation.write({ b, node, x: x[0] as string, y: y[0] as string, dy: dy[0] as string })];
    },
  });
  return { ...formulation.also, [subject.op]: own };
}

/** What src/autodiff's own rule writes. */
export function asChosen({ b, node, x, y, dy }: Site): string {
  const rule = rules.get(node.op) as Rule;
  const context = { b, node, opset: b.opset(), x: node.inputs, y: [y], dy: [dy] };
  return rule.backward({ ...context, needs: (i) => node.inputs[i] === x })[0] as string;
}

/**
 * A depthwise Conv of 1 x 2 taps: the cheapest operator that brings its neighbours into the runtime's blocked layout
 * and that no gradient passes in parts. Its arithmetic rounds once, so that every kernel gives the same bits.
 */
function surround(b: GraphBuilder, x: string): string {
  const [, channels, , width] = b.shape(x) as [unknown, number, number, number];
  const taps = width === 1 ? [1] : [1, 0.5];
  const data = Float32Array.from(
    { length: channels * taps.length },
    (_, i) => taps[i % taps.length] as number,
  );
  const w = b.constant({ dtype: 'float32', shape: [channels, 1, 1, taps.length], data }, 'around');
  return b.op('Conv', [x, w], { group: channels, pads: [0, 0, 0, taps.length - 1] });
}

/** Normal numbers of variance 2 over `fan`, the same for the same name. */
export function normal(name: string, shape: readonly number[], fan = 2): Tensor {
  const data = new Float32Array(sizeOf(shape));
  randomOf(1, 'formulations')
    .stream(name, 'values', 0)
    .fillNormal(data, 0, Math.sqrt(2 / fan));
  return { dtype: 'float32', shape, data };
}

/** Appends a Conv with a constant weight [cout, cin / group, k, k]. */
export function convolve(
  b: GraphBuilder,
  x: string,
  cout: number,
  k: number,
  { stride = 1, group = 1 }: { stride?: number; group?: number } = {},
): string {
  const cin = b.shape(x)?.[1] as number;
  const w = b.constant(normal('weight', [cout, cin / group, k, k], (cin / group) * k * k), 'weight');
  const pad = (k - 1) >> 1;
  return b.op('Conv', [x, w], { group, strides: [stride, stride], pads: [pad, pad, pad, pad] });
}
