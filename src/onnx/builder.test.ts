import { describe, expect, test } from 'vitest';
import { createSession } from '../runtime/index.ts';
import { type Tensor, tensor } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';

const weight = tensor(
  Float32Array.from({ length: 80 }, (_, i) => i / 80),
  [8, 10],
);

/** x·W + 1, with names of nodes that a builder would give. */
function network(): Graph {
  const b = new GraphBuilder(undefined, { name: 'net' });
  const product = b.op('MatMul', [b.input('x', 'float32', ['N', 8]), b.constant(weight, 'weight')]);
  b.output(b.op('Add', [product, b.scalar(1)]), 'y');
  return b.finish();
}

const net = network();

describe('a network that is included several times', () => {
  test('shares its weights, and has nodes and tensors of its own each time', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 8]);
    let sum = x;
    for (let i = 0; i < 3; i++) {
      const [y = ''] = b.include(net, { x }, 'net/');
      sum = i === 0 ? y : b.op('Add', [sum, y]);
    }
    b.output(sum, 'sum');
    const graph = b.finish();
    expect([...graph.initializers.values()].filter((t) => t.data.length === 80)).toEqual([weight]);
    const names = graph.nodes.map((n) => n.name);
    expect(new Set(names).size).toBe(names.length);
    const session = await createSession(graph, { name: 'three' });
    const ones = tensor(new Float32Array(8).fill(1), [1, 8]);
    const out = (await session.run({ x: ones }))['sum'] as Tensor;
    await session.release();
    for (let k = 0; k < 10; k++) {
      let wanted = 1;
      for (let i = 0; i < 8; i++) wanted += weight.data[10 * i + k] as number;
      expect(out.data[k]).toBeCloseTo(3 * wanted, 5);
    }
  });

  test('another that holds equal numbers in other arrays has its own', () => {
    const b = new GraphBuilder(net);
    const other = { ...net, initializers: new Map([...net.initializers].map(([n, t]) => [n, { ...t }])) };
    b.include(other, { x: 'x' }, 'other/');
    expect([...b.finish().initializers.values()].filter((t) => t.data.length === 80)).toHaveLength(2);
  });
});

test('new nodes take names that no node has, whichever came first', async () => {
  const node = (op: string, name: string, input: string, output: string) => ({
    op,
    domain: '',
    name,
    inputs: [input],
    outputs: [output],
    attributes: {},
  });
  const b = new GraphBuilder();
  b.append(node('Sin', 'Cos', b.input('x', 'float32', ['N']), 'a'));
  const c = b.op('Cos', ['a']);
  b.append(node('Sin', 'Cos_1', c, 'd'));
  b.append(node('Sin', 'Cos', 'd', 'e'));
  b.append(node('Sin', '', 'e', 'f'));
  b.append(node('Sin', '', 'f', 'g'));
  b.output('g');
  const graph = b.finish();
  expect(graph.nodes.map((n) => [n.name, n.outputs[0]])).toEqual([
    ['Cos', 'a'],
    ['Cos_1', 'Cos'],
    ['Cos_1_1', 'd'],
    ['Cos_2', 'e'],
    ['', 'f'],
    ['', 'g'],
  ]);
  await (await createSession(graph, { name: 'names' })).release();
});
