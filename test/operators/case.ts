import { rules } from '../../src/autodiff/index.ts';
import type { Attribute, AttributeInput, Graph, Shape } from '../../src/onnx/index.ts';
import { GraphBuilder } from '../../src/onnx/index.ts';
import type { AnyTensor } from '../../src/tensor/index.ts';
import { formAt, spatial, stretching } from './forms.ts';

/** A node, each of whose attributes and optional inputs counts: left out, it computes something else. */
export interface Case {
  /** `Op` or `domain.Op`. */
  readonly operator: string;
  readonly inputs: readonly (AnyTensor | undefined)[];
  readonly attributes: Readonly<Record<string, AttributeInput>>;
  /** 18 by default. */
  readonly opset?: number;
  /** That of `ai.onnx.ml`, 3 by default. */
  readonly learning?: number;
  /** 1 by default. */
  readonly outputs?: number;
  /** Positions of inputs of a float type that are constants here. */
  readonly fixed?: readonly number[];
  /** Attributes and optional inputs that are there for the others' sake: without them nothing need change. */
  readonly aside?: readonly string[];
  /** How many of the first inputs are the parts of one sequence, which the node takes. */
  readonly parts?: number;
  /** What is put between the inputs and the node, and behind it. */
  readonly before?: (b: GraphBuilder, inputs: readonly (string | undefined)[]) => (string | undefined)[];
  readonly after?: (b: GraphBuilder, outputs: readonly string[]) => string[];
  /** Whether the inputs are whole numbers, and their differences too: what rounds them changes nothing. */
  readonly whole?: boolean;
  /** Whether output and gradient are no function of the inputs alone, or sizes follow from values. */
  readonly loose?: 'shape' | 'batch' | 'draws' | 'slope';
  /** Where what the runtime computes in float64 is rounded within. */
  readonly single?: true;
}

export const opsetOf = (c: Case): number => c.opset ?? 18;

/** The version of the operator's own set. */
export function versionOf(c: Case): number {
  if (c.operator.startsWith('com.microsoft.')) return 1;
  return c.operator.startsWith('ai.onnx.ml.') ? (c.learning ?? 3) : opsetOf(c);
}

export const isFloat = (t: AnyTensor | undefined): t is AnyTensor => t?.dtype.startsWith('float') === true;

/** Names of the inputs that are no constants, with what they are fed. */
export function fedInputs(c: Case): [name: string, value: AnyTensor][] {
  return c.inputs.flatMap((t, i): [string, AnyTensor][] =>
    isFloat(t) && c.fixed?.includes(i) !== true ? [[`x${i}`, t]] : [],
  );
}

/** @param shapeOf what the graph declares of an input; its own sizes by default */
export function graphOf(c: Case, shapeOf: (t: AnyTensor, i: number) => Shape = (t) => t.shape): Graph {
  const dot = c.operator.lastIndexOf('.');
  const b = new GraphBuilder(undefined, { opset: opsetOf(c), name: c.operator });
  const given = c.inputs.map((t, i) => {
    if (t === undefined) return undefined;
    if (!isFloat(t) || c.fixed?.includes(i) === true) return b.constant(t, `c${i}`);
    return b.input(`x${i}`, t.dtype, shapeOf(t, i));
  });
  const parts = c.parts ?? 0;
  const sequence = parts === 0 ? [] : [b.op('SequenceConstruct', given.slice(0, parts))];
  const inputs = c.before?.(b, given) ?? [...sequence, ...given.slice(parts)];
  const made = b.node(c.operator.slice(dot + 1), inputs, c.attributes, {
    domain: c.operator.slice(0, Math.max(0, dot)),
    outputs: c.outputs ?? 1,
  });
  for (const [i, name] of (c.after?.(b, made) ?? made).entries()) b.output(name, `y${i}`);
  const graph = b.finish();
  return { ...graph, opsets: new Map(graph.opsets).set('ai.onnx.ml', c.learning ?? 3) };
}

const listOf = (value: AttributeInput): readonly number[] | undefined => {
  const v = typeof value === 'object' && 'type' in value ? value.value : value;
  return Array.isArray(v) && typeof v[0] === 'number' ? (v as number[]) : undefined;
};

const withList = (value: AttributeInput, list: readonly number[]): AttributeInput =>
  typeof value === 'object' && 'type' in value ? ({ ...value, value: list } as Attribute) : list;

const reversed = (list: readonly number[]): number[] => list.toReversed();
const exchanged = (list: readonly number[]): number[] => [
  ...list.slice(list.length / 2),
  ...list.slice(0, list.length / 2),
];
/** Begins and ends stay, the axes change places. */
const crossed = (list: readonly number[]): number[] => [
  ...reversed(list.slice(0, list.length / 2)),
  ...reversed(list.slice(list.length / 2)),
];

/** The lists that one may be taken for, where they are others. */
function mistaken(name: string, list: readonly number[]): [string, number[]][] {
  // Their order says nothing, mostly.
  if (name === 'axes') return [];
  const ways: [string, number[]][] =
    name === 'pads'
      ? [
          ['pads, another for each axis', crossed(list)],
          ['pads, another for each end', exchanged(list)],
        ]
      : [[`${name}, another for each axis`, reversed(list)]];
  return ways.filter(([, other]) => other.join() !== list.join());
}

/** Another value of a required number, which the runtime takes. */
function otherThan(name: string, value: number): number {
  if (name === 'num_heads') return 1;
  return name === 'opset' ? 12 : value + 1;
}

/** Where the node's input `i` stands among those of the case. */
const placeOf = (c: Case, i: number): number => i + Math.max(0, (c.parts ?? 0) - 1);

/** The same nodes with one thing ignored or mistaken, by what is shown where that makes a difference. */
export function faults(c: Case): [shown: string, faulty: Case][] {
  const form = formAt(c.operator, versionOf(c));
  const out: [string, Case][] = [];
  const tried = (name: string): boolean => c.aside?.includes(name) !== true;
  for (const [name, value] of Object.entries(c.attributes)) {
    if (!tried(name)) continue;
    const { [name]: _, ...rest } = c.attributes;
    const required = form.attributes.get(name)?.required === true;
    if (!required) out.push([name, { ...c, attributes: rest }]);
    else if (typeof value === 'number')
      out.push([name, { ...c, attributes: { ...rest, [name]: otherThan(name, value) } }]);
    const list = listOf(value);
    if (list === undefined || list.length < 2) continue;
    for (const [shown, other] of mistaken(name, list))
      out.push([shown, { ...c, attributes: { ...rest, [name]: withList(value, other) } }]);
  }
  for (const [i, input] of form.inputs.entries()) {
    const place = placeOf(c, i);
    if (input.optional && c.inputs[place] !== undefined && tried(input.name))
      out.push([
        `with ${input.name}`,
        { ...c, inputs: c.inputs.map((t, at) => (at === place ? undefined : t)) },
      ]);
  }

  return out.filter(([shown]) => tried(shown));
}

/** All that a case shows of its operator, in the words of `demands`. */
export function shows(c: Case): string[] {
  const form = formAt(c.operator, versionOf(c));
  const out = [`since ${form.since}`, ...faults(c).map(([shown]) => shown)];
  for (const [name, value] of Object.entries(c.attributes)) {
    if (c.aside?.includes(name) === true) continue;
    if (form.attributes.get(name)?.required === true) out.push(name);
    if (typeof value === 'string') out.push(`${name} ${value}`);
    if (name === 'axis') out.push((value as number) < 0 ? 'axis, negative' : 'axis, positive');
    if (name === 'axes' && listOf(value)?.some((axis) => axis < 0) === true) out.push('axes, negative');
  }
  for (const [i, input] of form.inputs.entries()) {
    const t = c.inputs[placeOf(c, i)];
    if (input.optional && t === undefined) out.push(`without ${input.name}`);
    if (
      input.name === 'axes' &&
      t !== undefined &&
      Array.from(t.data as BigInt64Array).some((axis) => axis < 0)
    )
      out.push('axes, negative');
  }
  const first = c.inputs.find((t) => isFloat(t)) ?? c.inputs[0];
  if (spatial.has(c.operator) && first !== undefined) out.push(`${first.shape.length - 2} spatial axes`);
  if (stretching.has(c.operator) && stretched(c)) out.push('operands stretched by each other');
  return out;
}

/** Whether each of two operands has an axis along which it is stretched. */
function stretched(c: Case): boolean {
  const all = c.inputs.filter((t) => t !== undefined && t.data.length > 1) as AnyTensor[];
  const rank = Math.max(...all.map((t) => t.shape.length));
  const full = all.map((t) => [...Array.from({ length: rank - t.shape.length }, () => 1), ...t.shape]);
  return (
    all.length > 1 &&
    full.every((shape) => shape.some((d, axis) => d === 1 && full.some((other) => other[axis] !== 1)))
  );
}

/** The inputs that take a gradient, of those that are fed. */
export function asked(c: Case): string[] {
  const rule = rules.get(c.operator);
  const names = rule?.inputs;
  const further = names?.at(-1)?.endsWith('...') === true;
  return fedInputs(c)
    .map(([name]) => name)
    .filter((name) => {
      const i = Number(name.slice(1));
      if (rule === undefined || rule.rewrite !== undefined || rule.zero !== undefined) return true;
      if (names === undefined) return i === 0;
      return further && i >= names.length - 1 ? true : (names[i] ?? '') !== '';
    });
}

/** Whether the rule takes the gradient of an output. */
export function givesGradient(c: Case, output: number): boolean {
  const rule = rules.get(c.operator);
  if (rule === undefined || rule.rewrite !== undefined || rule.outputs === 'all') return true;
  return (rule.outputs ?? [0]).includes(output);
}
