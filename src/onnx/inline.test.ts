import { describe, expect, test } from 'vitest';
import { scalar } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph, GraphFunction, Node } from './graph.ts';
import { inline } from './inline.ts';

const node = (op: string, inputs: string[], outputs: string[], more: Partial<Node> = {}): Node => ({
  op,
  domain: '',
  name: '',
  inputs,
  outputs,
  attributes: {},
  ...more,
});

function graphOf(nodes: Node[], output: string, more: Partial<Graph> = {}): Graph {
  return {
    name: 'g',
    nodes,
    inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 1, 3] }],
    outputs: [{ name: output, dtype: 'float32', shape: undefined }],
    initializers: new Map(),
    values: new Map(),
    opsets: new Map([['', 18]]),
    functions: [],
    metadata: {},
    ...more,
  };
}

const branch = (nodes: Node[], output: string, more: Partial<Graph> = {}): Graph =>
  graphOf(nodes, output, { inputs: [], ...more });

/** `op(inputs) -> outputs` per node. */
const lines = (g: Graph): string[] =>
  g.nodes.map((n) => `${n.op}(${n.inputs.join(', ')}) -> ${n.outputs.join(', ')}`);

function ifNode(condition: string, then: Graph, otherwise: Graph, output = 'y'): Node {
  return node('If', [condition], [output], {
    attributes: {
      then_branch: { type: 'graph', value: then },
      else_branch: { type: 'graph', value: otherwise },
    },
  });
}

const truth = new Map([['yes', scalar(1, 'bool')]]);

describe('functions', () => {
  const leaky: GraphFunction = {
    domain: 'local',
    name: 'Twice',
    inputs: ['a'],
    outputs: ['b'],
    attributes: ['slope'],
    defaults: { slope: { type: 'float', value: 0.5 } },
    nodes: [
      node('LeakyRelu', ['a'], ['t'], {
        attributes: { alpha: { type: 'reference', value: 'slope', of: 'alpha' } },
      }),
      node('Add', ['t', 't'], ['b']),
    ],
    opsets: new Map([['', 18]]),
  };
  const call = (inputs: string[], outputs: string[], slope?: number): Node =>
    node('Twice', inputs, outputs, {
      domain: 'local',
      attributes: slope === undefined ? {} : { slope: { type: 'float', value: slope } },
    });

  test('each call gets its own names, attributes come from the call or the default', () => {
    const opsets = new Map([
      ['', 18],
      ['local', 1],
    ]);
    const flat = inline(
      graphOf([call(['x'], ['h'], 0.1), call(['h'], ['y'])], 'y', { functions: [leaky], opsets }),
    );
    expect(lines(flat)).toEqual([
      'LeakyRelu(x) -> t',
      'Add(t, t) -> h',
      'LeakyRelu(h) -> t_1',
      'Add(t_1, t_1) -> y',
    ]);
    expect(flat.nodes.map((n) => n.attributes['alpha'])).toEqual([
      { type: 'float', value: 0.1 },
      undefined,
      { type: 'float', value: 0.5 },
      undefined,
    ]);
    expect(flat.functions).toEqual([]);
    expect([...flat.opsets.keys()]).toEqual(['']);
  });

  test('nested calls, constants and an input passed through', () => {
    const outer: GraphFunction = {
      ...leaky,
      name: 'Outer',
      outputs: ['same', 'c'],
      inputs: ['same'],
      nodes: [
        node('Constant', [], ['k'], { attributes: { value_float: { type: 'float', value: 3 } } }),
        call(['same'], ['m'], 0.2),
        node('Mul', ['m', 'k'], ['c']),
      ],
    };
    const flat = inline(
      graphOf([node('Outer', ['x'], ['p', 'q'], { domain: 'local' }), node('Add', ['p', 'q'], ['y'])], 'y', {
        functions: [leaky, outer],
      }),
    );
    expect(lines(flat)).toEqual([
      'LeakyRelu(x) -> t',
      'Add(t, t) -> m',
      'Mul(m, k) -> q',
      'Identity(x) -> p',
      'Add(p, q) -> y',
    ]);
    expect(flat.initializers.get('k')?.data[0]).toBe(3);
  });

  test('a function that calls itself is refused', () => {
    const endless = { ...leaky, nodes: [call(['a'], ['b'])] };
    expect(() => inline(graphOf([call(['x'], ['y'])], 'y', { functions: [endless] }))).toThrow(
      expect.objectContaining({
        code: 'GRAPH_FUNCTION',
        message: 'The function Twice calls itself.',
        remedy: 'Export the model without recursive functions.',
      }),
    );
  });
});

describe('functions without end', () => {
  const opsets = new Map([['', 18]]);
  const call = (name: string, inputs: string[], outputs: string[]): Node =>
    node(name, inputs, outputs, { domain: 'local' });
  const f = (name: string, nodes: Node[]): GraphFunction => ({
    domain: 'local',
    name,
    inputs: ['a'],
    outputs: ['b'],
    attributes: [],
    defaults: {},
    nodes,
    opsets,
  });
  const refusal = (message: string, remedy: string): unknown =>
    expect.objectContaining({ code: 'GRAPH_FUNCTION', message, remedy }) as unknown;

  test('one that calls itself within a branch that nothing decides', () => {
    const inner = branch([call('F', ['a'], ['z'])], 'z');
    const nodes = [node('Cast', ['a'], ['c']), { ...ifNode('c', inner, inner), outputs: ['b'] }];
    expect(() =>
      inline(graphOf([call('F', ['x'], ['y'])], 'y', { functions: [f('F', nodes)], opsets })),
    ).toThrow(refusal('The function F calls itself.', 'Export the model without recursive functions.'));
  });

  test('a few that call each other twice each unfold to more nodes than there is memory', () => {
    const functions = Array.from({ length: 40 }, (_, i) =>
      f(
        `F${i}`,
        i === 0
          ? [node('Neg', ['a'], ['b'])]
          : [call(`F${i - 1}`, ['a'], ['t']), call(`F${i - 1}`, ['t'], ['b'])],
      ),
    );
    expect(() => inline(graphOf([call('F39', ['x'], ['y'])], 'y', { functions, opsets }))).toThrow(
      refusal(
        'Functions unfold to more than 500000 nodes.',
        'Export the model with fewer or smaller functions.',
      ),
    );
  });
});

describe('If', () => {
  test('a constant condition takes its branch; names used twice are made unique', () => {
    const nodes = [
      node('Sin', ['x'], ['s']),
      ifNode(
        'yes',
        branch([node('Mul', ['s', 's'], ['t'])], 't'),
        branch([node('Cos', ['s'], ['t'])], 't'),
        'h',
      ),
      ifNode('yes', branch([node('Neg', ['h'], ['t']), node('Exp', ['t'], ['e'])], 'e'), branch([], 'h')),
    ];
    expect(lines(inline(graphOf(nodes, 'y', { initializers: truth })))).toEqual([
      'Sin(x) -> s',
      'Mul(s, s) -> h',
      'Neg(h) -> t_1',
      'Exp(t_1) -> y',
    ]);
  });

  test('a branch that returns an outer tensor becomes an Identity', () => {
    const nodes = [ifNode('yes', branch([], 'x'), branch([node('Neg', ['x'], ['n'])], 'n'))];
    expect(lines(inline(graphOf(nodes, 'y', { initializers: truth })))).toEqual(['Identity(x) -> y']);
  });

  test.for([
    [1, 'Neg(x) -> y'],
    [2, 'Exp(x) -> y'],
  ] as const)('a known size decides: axis 1 against %i', ([size, expected]) => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 1, 3]);
    const dim = b.op('Gather', [b.op('Shape', ['x']), b.scalar(1, 'int64')]);
    const equal = b.op('Equal', [dim, b.scalar(size, 'int64')]);
    b.append(
      ifNode(equal, branch([node('Neg', ['x'], ['n'])], 'n'), branch([node('Exp', ['x'], ['e'])], 'e')),
    );
    b.output('y');
    const flat = inline(b.finish());
    expect(lines(flat)).toEqual([expected]);
  });

  test('the batch decides nothing: the If stays, its condition too', () => {
    const b = new GraphBuilder();
    b.input('x', 'float32', ['N', 1, 3]);
    const equal = b.op('Equal', [b.op('Shape', ['x'], { end: 1 }), b.ints([1])]);
    b.append(
      ifNode(equal, branch([node('Neg', ['x'], ['n'])], 'n'), branch([node('Exp', ['x'], ['e'])], 'e')),
    );
    b.output('y');
    expect(inline(b.finish()).nodes.map((n) => n.op)).toEqual(['Shape', 'Equal', 'If']);
  });
});

test('nodes that lead nowhere go, unless they are to stay', () => {
  const graph = graphOf([node('Neg', ['x'], ['y']), node('Exp', ['x'], ['e'])], 'y');
  expect(lines(inline(graph))).toEqual(['Neg(x) -> y']);
  const kept = inline(graph, ['e']);
  expect(lines(kept)).toEqual(['Neg(x) -> y', 'Exp(x) -> e']);
  expect(kept.outputs.map((o) => o.name)).toEqual(['y']);
});
