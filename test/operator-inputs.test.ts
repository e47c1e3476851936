import { describe, expect, test } from 'vitest';
import { defineRule, gradient, inspect, type Rule, rules } from '../src/autodiff/index.ts';
import type { Graph } from '../src/onnx/index.ts';
import { GraphBuilder, operators } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { AdvarenaError, numbers } from '../src/tensor/index.ts';
import { drawn, type Feeds, outputsOf, slopes } from './differences.ts';
import { type Example, examples } from './operator-examples.ts';

// Every input of a float type of every operator that has a rule, through every output: the gradient is that of
// differences and has the shape of the input, or it is refused, and `inspect` says beforehand which.

/** What the graph tells of the inputs beside the one asked: their values, their shapes, their ranks, nothing. */
const knowledge = ['values', 'shapes', 'ranks', 'nothing'] as const;

/** `operator, input, output` refused where all other inputs are constants, with the reason. */
const refused: ReadonlyMap<string, string> = new Map([
  ['RoiAlign, input 1, output 0', 'a region decides which pixels are sampled'],
  ['Resize, input 1, output 0', 'the rule takes the region as a constant'],
  ['Resize, input 2, output 0', 'the size of the output depends on it'],
  ...[0, 1, 2, 3, 4].flatMap((i) =>
    [1, 2].flatMap((o): [string, string][] => [
      [`BatchNormalization, input ${i}, output ${o}`, 'statistics for later, which no model reads'],
      [
        `com.microsoft.SkipLayerNormalization, input ${i}, output ${o}`,
        'statistics of the training that was',
      ],
    ]),
  ),
]);

/** Rewritings of what one node does not show, and gradients through rounding, which are no slopes. */
const elsewhere = (operator: string, rule: Rule): boolean =>
  (rule.rewrite !== undefined && !['Attention', 'DeformConv'].includes(operator)) ||
  ['DynamicQuantizeLinear', 'ConvInteger', 'MatMulInteger'].includes(operator) ||
  rule.op === 'QuantizeLinear';

const isFloat = (t: AnyTensor): boolean => t.dtype.startsWith('float');

const name = (i: number): string => `x${i}`;

function graphOf(
  e: Example,
  asked: number,
  known: (typeof knowledge)[number],
): { graph: Graph; feeds: Feeds } {
  const dot = e.operator.lastIndexOf('.');
  const b = new GraphBuilder(undefined, { opset: e.opset ?? 18, name: e.operator });
  const feeds: Record<string, AnyTensor> = {};
  const inputs = e.inputs.map((t, i) => {
    if (t === undefined) return undefined;
    if (i !== asked && known === 'values') return b.constant(t, name(i));
    feeds[name(i)] = t;
    const symbols = t.shape.map((_, axis) => `${name(i)}_${axis}`);
    // An empty shape and no shape read the same in a file; the runtime wants to know lengths of lists of integers.
    const free = isFloat(t) && t.shape.length > 0;
    const shape = known === 'ranks' ? symbols : known === 'nothing' ? undefined : t.shape;
    return b.input(name(i), t.dtype, free ? shape : t.shape);
  });
  const outputs = Array.from({ length: e.outputs ?? 1 }, (_, o) => `y${o}`);
  const domain = e.operator.slice(0, Math.max(0, dot));
  const made = b.node(e.operator.slice(dot + 1), inputs, e.attributes ?? {}, { domain, outputs });
  for (const o of made) b.output(o);
  return { graph: b.finish(), feeds };
}

interface Verdict {
  /** Whether differences show any slope. */
  readonly slope?: boolean;
  readonly refused?: boolean;
  readonly wrong?: string;
}

async function verdict(
  graph: Graph,
  feeds: Feeds,
  [of, wrt]: readonly [string, string],
  overrides: Readonly<Record<string, Rule>> = {},
): Promise<Verdict> {
  const y = (await outputsOf(graph, feeds))[of] as AnyTensor;
  if (!isFloat(y)) return {};
  const blocked = inspect(graph, { of, wrt }).blocking.length > 0;
  let extended: Graph;
  try {
    extended = gradient(graph, { of, wrt: [wrt], cotangent: 'input', keep: [], overrides });
  } catch (error) {
    if (!(error instanceof AdvarenaError) || error.code !== 'NO_GRADIENT') throw error;
    return { refused: true, ...(!blocked && { wrong: 'is refused, which inspect does not know' }) };
  }
  if (blocked) return { wrong: 'is told to be blocked' };
  const ones = drawn(y.shape, 0.5, 1.5, 7);
  const cotangent: AnyTensor =
    y.dtype === 'float64'
      ? { dtype: 'float64', shape: y.shape, data: Float64Array.from(numbers(ones)) }
      : ones;
  const results = await outputsOf(extended, { ...feeds, cotangent });
  const g = results[extended.outputs[0]?.name as string] as AnyTensor;
  const shape = (feeds[wrt] as AnyTensor).shape;
  if (g.shape.join() !== shape.join())
    return { wrong: `has the shape [${g.shape.join()}], not [${shape.join()}]` };
  const found = await slopes(graph, feeds, { of, wrt, cotangent, gradient: g });
  const off = found.find((s) => !(Math.abs(s.expected - s.found) <= 0.01 * s.typical + 1e-3));
  if (off !== undefined) return { wrong: `says ${off.found} where differences say ${off.expected}` };
  return { slope: found.some((s) => Math.abs(s.expected) > 1e-2) };
}

describe.for(knowledge)('where a graph tells the others’ %s', (known) => {
  test.for(examples.map((e, at) => [`${e.operator} (${at})`, e] as const))('%s', async ([, e]) => {
    const rule = rules.get(e.operator) as Rule;
    for (const [i, t] of e.inputs.entries()) {
      if (t === undefined || !isFloat(t)) continue;
      const { graph, feeds } = graphOf(e, i, known);
      const said: Verdict[] = [];
      for (let o = 0; o < (e.outputs ?? 1); o++) {
        const found = await verdict(graph, feeds, [`y${o}`, name(i)]);
        said.push(found);
        const what = `${e.operator}, input ${i}, output ${o}`;
        expect({ what, wrong: found.wrong }).toEqual({ what, wrong: undefined });
        const expected = known === 'values' ? refused.has(what) : found.refused === true;
        expect({ what, refused: found.refused === true }).toEqual({ what, refused: expected });
      }
      // What is flat proves nothing.
      const flat = [...(rule.flat ?? []), ...(e.flat ?? [])].includes(i) || said.some((v) => v.refused);
      expect({ input: i, slope: flat || said.some((v) => v.slope) }).toEqual({ input: i, slope: true });
    }
  });
});

test('a rule that forgets an input is found', async () => {
  const example = examples.find((e) => e.operator === 'SoftmaxCrossEntropyLoss') as Example;
  const { graph, feeds } = graphOf(example, 2, 'values');
  const forgetful = defineRule({ op: 'SoftmaxCrossEntropyLoss', backward: () => [] });
  const ends = ['y0', 'x2'] as const;
  expect(await verdict(graph, feeds, ends)).toEqual({ slope: true });
  expect(await verdict(graph, feeds, ends, { SoftmaxCrossEntropyLoss: forgetful })).toMatchObject({
    wrong: expect.stringContaining('says 0'),
  });
  expect(
    await verdict(graph, feeds, ends, { SoftmaxCrossEntropyLoss: { ...forgetful, inputs: ['scores'] } }),
  ).toEqual({
    refused: true,
    wrong: 'is refused, which inspect does not know',
  });
});

test('every rule has an example that gives every input of its schema', () => {
  const given = new Set(
    examples.flatMap((e) => e.inputs.flatMap((t, i) => (t === undefined ? [] : [`${e.operator} ${i}`]))),
  );
  const missing = [...rules].flatMap(([operator, rule]) => {
    if (rule.zero !== undefined || elsewhere(operator, rule)) return [];
    const most = operators.get(operator)?.inputs[1] ?? 1;
    const inputs = Array.from(
      { length: most === Number.POSITIVE_INFINITY ? 3 : most },
      (_, i) => `${operator} ${i}`,
    );
    return inputs.filter((input) => !given.has(input));
  });
  expect(missing).toEqual([]);
});

test('what is zero by decision is flat', async () => {
  const x = drawn([2, 3], 0.1, 0.4, 3);
  const met: string[] = [];
  for (const [operator, rule] of rules) {
    if (rule.zero === undefined || rule.domain !== '') continue;
    const { graph, feeds } = graphOf({ operator, inputs: [x] }, 0, 'values');
    const y = await outputsOf(graph, feeds).catch(() => undefined);
    if (y === undefined || !isFloat(y['y0'] as AnyTensor) || /Random|Bernoulli/.test(operator)) continue;
    met.push(operator);
    expect({ operator, ...(await verdict(graph, feeds, ['y0', 'x0'])) }).toEqual({ operator, slope: false });
  }
  expect(met).toEqual(['Ceil', 'EyeLike', 'Floor', 'Hardmax', 'Round', 'Sign']);
});
