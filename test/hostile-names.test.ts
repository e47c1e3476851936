import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import type { Attribute, Graph, GraphFunction, Node } from '../src/onnx/index.ts';
import { GraphBuilder, readModel, writeModel } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { numbers, scalar, tensor } from '../src/tensor/index.ts';
import { drawn, type Feeds, outputsOf } from './differences.ts';
import { randomProgram } from './random-graphs/generate.ts';
import { type Draw, floatTensor } from './random-graphs/program.ts';

// Names of a graph are its author's. Whatever they are, what `inspect` says can be had, `gradient` gives, and the
// runtime loads what is written and computes the same from it.

const numRuns = Number(process.env['ADVARENA_GRAPHS'] ?? 150);
const seed = Number(process.env['ADVARENA_SEED'] ?? 1);

/** Names that exporters give, that new nodes would like to have, and that JavaScript has a meaning for. */
const stems = (
  'Gemm Conv Mul Add Sub ReduceSum Reshape Identity Cast Where Shape Expand scalar ints floats constant grad_x ' +
  'grad_Gemm cotangent factors net/ run1/ x y w0 x_float32 constructor toString hasOwnProperty /a/b.c/Conv_output_0'
).split(' ');
const odd = [
  'Gemm_',
  '_1',
  ' ',
  'a b',
  'é',
  '\u001B[31m',
  '"',
  '\\',
  '0',
  '12',
  '?1',
  'N',
  'N*2',
  '层',
  'x:0',
];
const hostile = [...stems.flatMap((s) => ['', '_1', '_2', '_3'].map((end) => s + end)), ...odd];

type Choose = (count: number) => number;

/** A graph, and the graphs within it, with other names for all tensors and nodes. */
function renamed(
  graph: Graph,
  choose: Choose,
  outer: ReadonlyMap<string, string> = new Map(),
): { graph: Graph; names: ReadonlyMap<string, string> } {
  const used = new Set(outer.values());
  const free = hostile.filter((name) => !used.has(name));
  const nodeNames = [...hostile];
  const take = (from: string[], old: string): string => from.splice(choose(from.length), 1)[0] ?? `${old}'`;
  const names = new Map(outer);
  const own = [
    ...graph.inputs.map((i) => i.name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap((n) => n.outputs),
  ];
  for (const name of own) if (name !== '') names.set(name, take(free, name));
  const of = (name: string): string => names.get(name) ?? name;
  const attribute = (a: Attribute): Attribute =>
    a.type === 'graph' ? { ...a, value: renamed(a.value, choose, names).graph } : a;
  const node = (n: Node): Node => ({
    ...n,
    name: choose(4) === 0 ? '' : take(nodeNames, n.name),
    inputs: n.inputs.map(of),
    outputs: n.outputs.map(of),
    attributes: Object.fromEntries(Object.entries(n.attributes).map(([key, a]) => [key, attribute(a)])),
  });
  const functions = graph.functions.map((f): GraphFunction => {
    const inputs = f.inputs.map((name) => ({ name, dtype: 'float32', shape: undefined }) as const);
    const outputs = f.outputs.map((name) => ({ name, dtype: 'float32', shape: undefined }) as const);
    const body = renamed(
      { ...graph, ...f, inputs, outputs, initializers: new Map(), functions: [] },
      choose,
    ).graph;
    return {
      ...f,
      inputs: body.inputs.map((i) => i.name),
      outputs: body.outputs.map((o) => o.name),
      nodes: body.nodes,
    };
  });
  return {
    names,
    graph: {
      ...graph,
      functions,
      nodes: graph.nodes.map(node),
      inputs: graph.inputs.map((i) => ({ ...i, name: of(i.name) })),
      outputs: graph.outputs.map((o) => ({ ...o, name: of(o.name) })),
      initializers: new Map([...graph.initializers].map(([name, t]) => [of(name), t])),
      values: new Map([...graph.values].map(([name, t]) => [of(name), t])),
    },
  };
}

/** Value and gradient of the first output by the first input, through files. */
async function computed(graph: Graph, feeds: Feeds): Promise<number[][]> {
  const read = readModel(writeModel(graph));
  const [of, wrt] = [read.outputs[0]?.name as string, read.inputs[0]?.name as string];
  const said = inspect(read, { of, wrt });
  expect(said.blocking).toEqual([]);
  const extended = readModel(writeModel(gradient(read, { of, wrt: [wrt], cotangent: 'input', keep: [of] })));
  expect(extended.outputs.map((o) => o.name)[0]).toBe(of);
  const y = (await outputsOf(read, feeds))[of] as AnyTensor;
  // A constant that nothing reads may leave its name to the cotangent.
  const fed = new Set(read.inputs.map((input) => input.name));
  const cotangent = floatTensor(drawn(y.shape, 0.5, 1.5, 3).data, y.shape, y.dtype);
  const given = Object.fromEntries(
    extended.inputs.map(({ name }) => [name, fed.has(name) ? (feeds[name] as AnyTensor) : cotangent]),
  );
  // Optimised, for fusions go by names too.
  const results = await outputsOf(extended, given, 'all');
  return extended.outputs.map((o) => [...numbers(results[o.name] as AnyTensor)]);
}

async function sameUnder(graph: Graph, feeds: Feeds, choose: Choose): Promise<void> {
  const expected = await computed(graph, feeds);
  const other = renamed(graph, choose);
  const fed = Object.fromEntries(
    Object.entries(feeds).map(([name, t]) => [other.names.get(name) as string, t]),
  );
  expect(await computed(other.graph, fed)).toEqual(expected);
}

test('random graphs', async () => {
  let tried = 0;
  const property = fc.asyncProperty(fc.gen(), async (choose) => {
    const draw: Draw = { int: (min, max) => choose(fc.integer, { min, max }) };
    const { program, of } = randomProgram(draw);
    if (of === 'x' || program.options.dtype === 'float64') return;
    const point = Object.fromEntries(
      [program.input, ...program.parameters].map((p, i) => [p.name, drawn(p.shape, p.low, p.high, i + 1)]),
    );
    tried++;
    await sameUnder(program.graph(of, draw.int(0, 1) === 0 ? 'inputs' : point), point, (n) =>
      n <= 1 ? 0 : draw.int(0, n - 1),
    );
  });
  await fc.assert(property, { numRuns, seed, endOnFailure: true });
  expect(tried).toBeGreaterThan(numRuns / 3);
});

const info = (name: string, dtype: 'float32' | 'int64' | 'bool', shape: number[]) => ({ name, dtype, shape });

/** A graph within a node. */
function within(inputs: Graph['inputs'], build: (b: GraphBuilder) => string[]): Graph {
  const b = new GraphBuilder();
  for (const i of inputs) b.input(i.name, i.dtype, i.shape);
  for (const name of build(b)) b.output(name);
  return b.finish();
}

const line = (op: string, inputs: string[], outputs: string[], domain = ''): Node => ({
  op,
  domain,
  name: `${op}-node`,
  inputs,
  outputs,
  attributes: {},
});

/** Names in a function, in a loop, in branches that are decided and in others that only the run decides. */
function nested(): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [2, 3]);
  const flag = b.input('flag', 'bool', []);
  const called = b.node('Twice', [x], {}, { domain: 'local', outputs: ['called'] })[0] as string;
  b.declare(called, { dtype: 'float32', shape: [2, 3] });
  const loop = within(
    [info('i', 'int64', []), info('go', 'bool', []), info('h', 'float32', [2, 3])],
    (inner) => [
      inner.op('Identity', ['go']),
      inner.op('Tanh', [inner.op('Mul', [inner.op('Add', ['h', x]), inner.scalar(0.7)])]),
    ],
  );
  const looped = b.op('Loop', [b.constant(scalar(2, 'int64')), undefined, called], {
    body: { type: 'graph', value: loop },
  });
  b.declare(looped, { dtype: 'float32', shape: [2, 3] });
  const branch = (value: number): Attribute => ({
    type: 'graph',
    value: within([], (inner) => [inner.op('Mul', [inner.scalar(value), inner.scalar(2)])]),
  });
  // It takes no part in the gradient, and so stays in the graph as it is.
  const factor = b.op('If', [flag], { then_branch: branch(3), else_branch: branch(5) });
  b.declare(factor, { dtype: 'float32', shape: [] });
  const taken: Attribute = { type: 'graph', value: within([], (inner) => [inner.op('Sin', [looped])]) };
  const chosen = b.op('If', [b.constant(scalar(1, 'bool'))], { then_branch: taken, else_branch: taken });
  b.declare(chosen, { dtype: 'float32', shape: [2, 3] });
  b.output(b.op('Gemm', [b.op('Mul', [chosen, factor]), b.constant(drawn([3, 2], -1, 1, 9))]), 'y');
  const twice: GraphFunction = {
    domain: 'local',
    name: 'Twice',
    inputs: ['a'],
    outputs: ['c'],
    attributes: [],
    defaults: {},
    nodes: [line('Exp', ['a'], ['t']), line('Mul', ['t', 'a'], ['c'])],
    opsets: new Map([['', 18]]),
  };
  const graph = b.finish();
  return { ...graph, functions: [twice], opsets: new Map([...graph.opsets, ['local', 1]]) };
}

test('names in functions, loops and branches', async () => {
  const feeds = { x: drawn([2, 3], -1, 1, 4), flag: scalar(1, 'bool') };
  const property = fc.asyncProperty(fc.gen(), (choose) =>
    sameUnder(nested(), feeds, (n) => (n <= 1 ? 0 : choose(fc.integer, { min: 0, max: n - 1 }))),
  );
  await fc.assert(property, { numRuns: Math.ceil(numRuns / 3), seed, endOnFailure: true });
});

describe('as exporters name', () => {
  test('nodes called Gemm_2 and Relu_1, tensors called by numbers', async () => {
    const of = (op: string, n: number, inputs: string[], outputs: string[]): Node => ({
      ...line(op, inputs, outputs),
      name: `${op}_${n}`,
    });
    const graph: Graph = {
      ...nested(),
      functions: [],
      opsets: new Map([['', 11]]),
      nodes: [
        of('Gemm', 2, ['0', 'w'], ['5']),
        of('Relu', 1, ['5'], ['6']),
        of('Gemm', 1, ['6', 'w'], ['7']),
        of('Mul', 2, ['7', '7'], ['8']),
      ],
      inputs: [info('0', 'float32', [2, 3])],
      outputs: [info('8', 'float32', [2, 3])],
      initializers: new Map([['w', drawn([3, 3], -1, 1, 2)]]),
      values: new Map(),
    };
    await sameUnder(graph, { '0': tensor(Float32Array.of(1, 2, -1, 0.5, -2, 0.3), [2, 3]) }, () => 0);
  });

  test('__proto__ within', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [3]);
    const loop = within(
      [info('i', 'int64', []), info('go', 'bool', []), info('h', 'float32', [3])],
      (inner) => [inner.op('Identity', ['go']), inner.op('Mul', ['h', '__proto__'])],
    );
    const [inner] = b.node('Sin', [x], {}, { outputs: ['__proto__'] });
    const looped = b.op('Loop', [b.constant(scalar(2, 'int64')), undefined, inner], {
      body: { type: 'graph', value: loop },
    });
    b.declare(looped, { dtype: 'float32', shape: [3] });
    b.output(looped, 'y');
    const at = [0.3, -0.4, 1];
    const [y, g] = (await computed(b.finish(), { x: tensor(Float32Array.from(at), [3]) })) as [
      number[],
      number[],
    ];
    const weights = numbers(drawn([3], 0.5, 1.5, 3));
    for (const [i, v] of at.entries()) {
      expect(y[i]).toBeCloseTo(Math.sin(v) ** 3, 5);
      expect(g[i]).toBeCloseTo((weights[i] as number) * 3 * Math.sin(v) ** 2 * Math.cos(v), 5);
    }
  });
});
