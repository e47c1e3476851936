import { describe, expect, test } from 'vitest';
import { createSession } from '../runtime/index.ts';
import { numbers, rows, scalar, type Tensor, tensor } from '../tensor/index.ts';
import { float } from './attribute-input.ts';
import { GraphBuilder } from './builder.ts';
import { couplesRows } from './couples-rows.ts';
import type { Graph, Node } from './graph.ts';
import { upgrade } from './upgrade.ts';

/** Appends nodes to a graph whose input x has the shape [N, 4, 6]. @returns its output */
type Build = (b: GraphBuilder, x: string) => string;

function graphOf(build: Build, options: { batch?: string | number; opset?: number } = {}): Graph {
  const b = new GraphBuilder(undefined, { opset: options.opset ?? 18 });
  b.output(build(b, b.input('x', 'float32', [options.batch ?? 'N', 4, 6])), 'y');
  return b.finish();
}

const found = (graph: Graph): string | undefined => couplesRows(upgrade(graph), 'x')?.op;

const images = (seed: number): Tensor =>
  tensor(
    Float32Array.from({ length: 3 * 24 }, (_, i) => seed * Math.sin(seed + 1.7 * i * i)),
    [3, 4, 6],
  );

/** By how much the first row's answer changes with its neighbours. */
async function change(graph: Graph): Promise<number> {
  const session = await createSession(graph, { name: 'graph' });
  const answer = async (x: Tensor): Promise<number[]> => {
    const { y } = await session.run({ x }, ['y']);
    const all = numbers(y ?? scalar(0));
    return all.slice(0, all.length / 3);
  };
  const [one, other] = [images(1), images(2)];
  other.data.set(rows(one, 0, 1).data);
  const [p, q] = [await answer(one), await answer(other)];
  await session.release();
  return Math.max(...p.map((v, i) => Math.abs(v - (q[i] as number))));
}

const weights = (b: GraphBuilder, ...shape: number[]): string =>
  b.constant(
    tensor(
      Float32Array.from({ length: shape.reduce((p, d) => p * d, 1) }, (_, i) => Math.cos(i)),
      shape,
    ),
  );
const minus = (b: GraphBuilder, x: string, y: string): string => b.op('Sub', [x, y]);
const flat = (b: GraphBuilder, x: string): string => b.op('Flatten', [x]);
const turned = (b: GraphBuilder, x: string): string => b.op('Transpose', [flat(b, x)]);
const last = (b: GraphBuilder): string => b.ints([-1]);

const coupling: Record<string, [op: string, build: Build]> = {
  'a mean over the batch': ['ReduceMean', (b, x) => minus(b, x, b.op('ReduceMean', [x, b.ints([0])]))],
  'a maximum over everything': ['ReduceMax', (b, x) => minus(b, x, b.op('ReduceMax', [x]))],
  'a softmax over the batch': ['Softmax', (b, x) => b.op('Softmax', [x], { axis: 0 })],
  'a norm over the batch': ['LpNormalization', (b, x) => b.op('LpNormalization', [x], { axis: -3 })],
  'a normalisation over axes 0, 2 and 3 by default': [
    'MeanVarianceNormalization',
    (b, x) => b.op('MeanVarianceNormalization', [b.op('Unsqueeze', [x, b.ints([3])])]),
  ],
  'statistics of training': [
    'BatchNormalization',
    (b, x) => {
      const one = b.constant(tensor(new Float32Array(4).fill(1), [4]));
      return b.node('BatchNormalization', [x, one, one, one, one], { training_mode: 1 }, { outputs: 3 })[0]!;
    },
  ],
  'a range over everything': [
    'DynamicQuantizeLinear',
    (b, x) => b.op('DequantizeLinear', b.node('DynamicQuantizeLinear', [x], {}, { outputs: 3 })),
  ],
  'a range over everything, within a product': [
    'DynamicQuantizeMatMul',
    (b, x) => {
      const weight = b.constant(tensor<'uint8'>(Uint8Array.of(1, 20, 3, 40, 5, 60), [6, 1], 'uint8'));
      const inputs = [x, weight, b.scalar(0.02)];
      return b.node('DynamicQuantizeMatMul', inputs, {}, { domain: 'com.microsoft' })[0] as string;
    },
  ],
  'a fused attention between samples': [
    'MultiHeadAttention',
    (b, x) => {
      const along = b.op('Transpose', [x], { perm: [1, 0, 2] });
      const options = { domain: 'com.microsoft' };
      const mixed = b.node('MultiHeadAttention', [along, along, along], { num_heads: 2 }, options)[0];
      return b.op('Transpose', [mixed], { perm: [1, 0, 2] });
    },
  ],
  'a running sum': ['CumSum', (b, x) => b.op('CumSum', [x, b.constant(scalar(0, 'int64'))], { reverse: 1 })],
  'the largest of each column': [
    'TopK',
    (b, x) => minus(b, x, b.node('TopK', [x, b.ints([1])], { axis: 0 }, { outputs: 2 })[0] as string),
  ],
  'the row of the largest': [
    'ArgMax',
    (b, x) => minus(b, x, b.op('Cast', [b.op('ArgMax', [x], { axis: 0 })], { to: 1 })),
  ],
  'one row for all': ['Gather', (b, x) => minus(b, x, b.op('Gather', [x, last(b)], { axis: 0 }))],
  'a slice for all': ['Slice', (b, x) => minus(b, x, b.op('Slice', [x, last(b), b.ints([2 ** 31 - 1])]))],
  'rows in reverse': [
    'Slice',
    (b, x) => b.op('Slice', [x, last(b), b.ints([-(2 ** 31 - 1)]), b.ints([0]), last(b)]),
  ],
  'rows moved on': [
    'Slice',
    (b, x) => {
      const part = (from: number, to: number): string => b.op('Slice', [x, b.ints([from]), b.ints([to])]);
      return b.op('Concat', [part(1, 2 ** 31 - 1), part(0, 1)], { axis: 0 });
    },
  ],
  'rows between others': [
    'Pad',
    (b, x) => {
      const longer = b.op('Pad', [x, b.ints([0, 0, 0, 1, 0, 0])], { mode: 'reflect' });
      return minus(b, x, b.op('Slice', [longer, last(b), b.ints([2 ** 31 - 1])]));
    },
  ],
  'rows joined': [
    'Concat',
    (b, x) => minus(b, x, b.op('Gather', [b.op('Concat', [x, x], { axis: 0 }), last(b)], { axis: 0 })),
  ],
  'likeness to the other rows': [
    'MatMul',
    (b, x) => b.op('MatMul', [b.op('MatMul', [flat(b, x), turned(b, x)]), flat(b, x)]),
  ],
  'a product of columns': [
    'Gemm',
    (b, x) => b.op('MatMul', [flat(b, x), b.op('Gemm', [flat(b, x), flat(b, x)], { transA: 1 })]),
  ],
  'a sum of products': [
    'Einsum',
    (b, x) => b.op('Einsum', [x, x, x], { equation: 'nij,mij,mkl->nkl' }, 'likeness'),
  ],
  'a contraction of batch and channels merged': [
    'ReduceSum',
    (b, x) => {
      const merged = b.op('Reshape', [x, b.ints([-1, 6])]);
      return minus(b, x, b.op('ReduceSum', [merged, b.ints([0])]));
    },
  ],
  'a convolution over rows': [
    'Conv',
    (b, x) =>
      b.op('Transpose', [
        b.op('Squeeze', [
          b.op('Conv', [b.op('Unsqueeze', [turned(b, x), b.ints([0])]), weights(b, 24, 24, 3)], {
            pads: [1, 1],
          }),
          b.ints([0]),
        ]),
      ]),
  ],
  'a state handed from row to row': [
    'LSTM',
    (b, x) => {
      const states = b.node(
        'LSTM',
        [x, weights(b, 1, 8, 6), weights(b, 1, 8, 2)],
        { direction: 'reverse', hidden_size: 2 },
        { outputs: 3 },
      );
      return states[0] as string;
    },
  ],
};

const harmless: Record<string, Build> = {
  'a normalisation over other axes than the batch': (b, x) =>
    b.op('MeanVarianceNormalization', [b.op('Unsqueeze', [x, b.ints([3])])], { axes: [1, 2] }),
  'a mean over channels': (b, x) => minus(b, x, b.op('ReduceMean', [x, b.ints([1, -1])])),
  'an operator told to do nothing': (b, x) => b.op('ReduceMean', [x], { noop_with_empty_axes: 1 }),
  'softmax, norm, running sum of a row': (b, x) =>
    b.op('CumSum', [
      b.op('LpNormalization', [b.op('Softmax', [x], { axis: 1 })]),
      b.constant(scalar(-1, 'int64')),
    ]),
  'a layer normalisation': (b, x) =>
    b.op('LayerNormalization', [x, weights(b, 4, 6)], { axis: 1, epsilon: float(1e-3) }),
  'batch normalisation in inference': (b, x) => {
    const one = b.constant(tensor(new Float32Array(4).fill(1), [4]));
    return b.op('BatchNormalization', [x, one, one, one, one]);
  },
  'a layer of weights': (b, x) => b.op('Gemm', [flat(b, x), weights(b, 5, 24)], { transB: 1 }),
  'attention within a row': (b, x) => {
    const scores = b.op('Softmax', [b.op('MatMul', [x, b.op('Transpose', [x], { perm: [0, 2, 1] })])]);
    return b.op('Einsum', [scores, x], { equation: 'nij,njk->nik' });
  },
  'rows merged with channels and parted again': (b, x) => {
    const merged = b.op('Reshape', [x, b.ints([-1, 6])]);
    return b.op('Reshape', [b.op('MatMul', [merged, weights(b, 6, 6)]), b.ints([-1, 4, 6])]);
  },
  'slices of a row, in reverse too': (b, x) =>
    b.op('Slice', [
      x,
      b.ints([0, -1]),
      b.ints([2 ** 31 - 1, -(2 ** 31 - 1)]),
      b.ints([0, 2]),
      b.ints([1, -1]),
    ]),
  'parts of a row, joined in another order': (b, x) =>
    b.op('Concat', b.node('Split', [x], { axis: 1, num_outputs: 2 }, { outputs: 2 }).toReversed(), {
      axis: 1,
    }),
  'a convolution': (b, x) => b.op('Conv', [x, weights(b, 4, 4, 3)], { pads: [1, 1] }),
  'sizes read from the shape': (b, x) =>
    b.op('Reshape', [x, b.op('Concat', [last(b), b.op('Shape', [x], { start: 1 })], { axis: 0 })]),
  'a state within a row': (b, x) => {
    const given = [b.op('Transpose', [x], { perm: [1, 0, 2] }), weights(b, 1, 8, 6), weights(b, 1, 8, 2)];
    const [states = ''] = b.node('LSTM', given, { hidden_size: 2 }, { outputs: 3 });
    return b.op('Transpose', [states], { perm: [2, 0, 1, 3] });
  },
};

test.for(Object.entries(coupling))('%s', async ([, [op, build]]) => {
  const graph = graphOf(build);
  expect(found(graph)).toBe(op);
  expect(await change(graph)).toBeGreaterThan(1e-3);
});

test.for(Object.entries(harmless))('no alarm: %s', async ([, build]) => {
  const graph = graphOf(build);
  expect(found(graph)).toBeUndefined();
  expect(await change(graph)).toBe(0);
});

describe('what is looked at', () => {
  const centred: Build = (b, x) => minus(b, x, b.op('ReduceMean', [x, b.ints([0])]));

  test('the first node in the order of the graph', () => {
    const graph = graphOf((b, x) => b.op('Softmax', [centred(b, x)], { axis: 0 }));
    expect(couplesRows(graph, 'x')?.op).toBe('ReduceMean');
  });

  test('forms of older opsets, once they are upgraded', () => {
    const softmax = (axis: number): Graph => graphOf((b, x) => b.op('Softmax', [x], { axis }), { opset: 12 });
    expect([found(softmax(0)), found(softmax(1))]).toEqual(['Softmax', undefined]);
  });

  test('functions, and branches that are taken', () => {
    const inner: Node[] = graphOf(centred).nodes.map((n) => ({
      ...n,
      inputs: n.inputs.map((i) => (i === 'ints' ? 'axes' : i)),
    }));
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 4, 6]);
    b.output(b.node('Centre', [x, b.ints([0])], {}, { domain: 'local' })[0] as string, 'y');
    const centre = {
      domain: 'local',
      name: 'Centre',
      inputs: ['x', 'axes'],
      outputs: ['y'],
      attributes: [],
      defaults: {},
      nodes: inner,
      opsets: new Map([['', 18]]),
    };
    expect(found({ ...b.finish(), functions: [centre] })).toBe('ReduceMean');
  });

  test('only what leads from the input to an output, as a value', () => {
    const dead = graphOf((b, x) => {
      centred(b, x);
      return b.op('Relu', [x]);
    });
    expect(found(dead)).toBeUndefined();
    const shaped = graphOf((b, x) => b.op('Reshape', [x, b.op('Shape', [centred(b, x)])]));
    expect(found(shaped)).toBeUndefined();
    const weighed = graphOf((b, x) =>
      b.op('MatMul', [
        x,
        b.op('DequantizeLinear', b.node('DynamicQuantizeLinear', [weights(b, 6, 6)], {}, { outputs: 3 })),
      ]),
    );
    expect(found(weighed)).toBeUndefined();
  });

  test('where the batch is a number, only what takes statistics whatever it gets', () => {
    expect(found(graphOf(centred, { batch: 2 }))).toBeUndefined();
    const dynamic = graphOf((b, x) => b.node('DynamicQuantizeLinear', [x], {}, { outputs: 3 })[0] as string, {
      batch: 2,
    });
    expect(found(dynamic)).toBe('DynamicQuantizeLinear');
  });
});
