import { expect, test } from 'vitest';
import { gradient } from '../src/autodiff/index.ts';
import type { Graph, Node } from '../src/onnx/index.ts';
import { check, readModel, writeModel } from '../src/onnx/index.ts';
import { scalar } from '../src/tensor/index.ts';

const count = 100_000;

const node = (op: string, inputs: string[], outputs: string[]): Node => ({
  op,
  domain: '',
  name: '',
  inputs,
  outputs,
  attributes: {},
});

function graphOf(nodes: readonly Node[], more: Partial<Graph> = {}): Graph {
  const value = { dtype: 'float32', shape: ['N', 3] } as const;
  return {
    name: 'large',
    nodes,
    inputs: [{ name: 'x', ...value }],
    outputs: [{ name: 'y', ...value }],
    initializers: new Map(),
    values: new Map(),
    opsets: new Map([['', 18]]),
    functions: [],
    metadata: {},
    ...more,
  };
}

/** x through `count` nodes to y. */
function chain(op: string, from = 'x', to = 'y'): Node[] {
  const name = (i: number): string => (i === 0 ? from : i === count ? to : `${op}${i}`);
  return Array.from({ length: count }, (_, i) => node(op, [name(i)], [name(i + 1)]));
}

// Neither stack nor time may grow with the square: each of these takes seconds, or would take hours.

test('a chain of 100 000 nodes, given backwards, is read, ordered, checked and differentiated', () => {
  const graph = readModel(writeModel(graphOf(chain('Sin').toReversed())));
  expect(graph.nodes[0]?.inputs).toEqual(['x']);
  check(graph, { name: 'large' });
  const extended = gradient(graph, { of: 'y', wrt: ['x'] });
  expect(extended.nodes.filter((n) => n.op === 'Cos')).toHaveLength(count);
});

test('100 000 branches of one tensor, and as many constants of infinity', () => {
  const branches = Array.from({ length: count / 2 }, (_, i) => node('Max', ['x', `c${i}`], [`b${i}`]));
  const initializers = new Map(branches.map((_, i) => [`c${i}`, scalar(Number.NEGATIVE_INFINITY)] as const));
  const sum = node(
    'Sum',
    branches.map((b) => b.outputs[0] as string),
    ['y'],
  );
  const graph = readModel(writeModel(graphOf([sum, ...branches], { initializers })));
  expect(graph.nodes.at(-1)?.op).toBe('Sum');
  check(graph, { name: 'large' });
});

test('a condition that hangs on 100 000 others', () => {
  const branch = (op: string): Graph => ({
    ...graphOf([node(op, ['x'], ['z'])]),
    inputs: [],
    outputs: [{ name: 'z', dtype: 'float32', shape: undefined }],
  });
  const choice: Node = {
    ...node('If', ['last'], ['y']),
    attributes: {
      then_branch: { type: 'graph', value: branch('Sin') },
      else_branch: { type: 'graph', value: branch('Tanh') },
    },
  };
  const initializers = new Map([['first', scalar(1, 'bool')]]);
  const nodes = [...chain('Not', 'first', 'last'), choice];
  const extended = gradient(graphOf(nodes, { initializers }), { of: 'y', wrt: ['x'] });
  expect(extended.nodes.some((n) => n.op === 'Cos')).toBe(true);
});
