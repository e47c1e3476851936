import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/index.ts';
import { scalar, tensor } from '../tensor/index.ts';
import { inspect } from './inspect.ts';

function network(
  build: (b: GraphBuilder, x: string) => string,
  batch: number | string = 'N',
): ReturnType<typeof inspect> {
  const b = new GraphBuilder();
  b.output(build(b, b.input('x', 'float32', [batch, 4])), 'y');
  return inspect(b.finish());
}

test('a plain network: counts, types, parameters, no flags', () => {
  const found = network((b, x) => {
    const w = b.constant(tensor(new Float32Array(12).fill(0.5), [4, 3], 'float32'), 'w');
    return b.op('Sigmoid', [b.op('Mul', [b.op('MatMul', [b.op('Sigmoid', [x]), w]), b.scalar(2)])]);
  });
  expect(found).toEqual({
    opset: 18,
    inputs: [{ name: 'x', dtype: 'float32', shape: ['N', 4] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: ['N', 3] }],
    parameters: 13,
    operators: [
      { operator: 'Sigmoid', count: 2, gradient: 'rule' },
      { operator: 'Identity', count: 1, gradient: 'rule' },
      { operator: 'MatMul', count: 1, gradient: 'rule' },
      { operator: 'Mul', count: 1, gradient: 'rule' },
    ],
    differentiable: true,
    blocking: [],
    zeroPaths: [],
    flags: [
      {
        code: 'SOFTMAX_OUTPUT',
        message:
          'The output comes out of Sigmoid "Sigmoid_1": its gradient vanishes where the model is sure. Attack the tensor "Mul" before it.',
      },
    ],
  });
});

test('an operator without a rule blocks only on the way to the output', () => {
  const beside = network((b, x) => {
    b.op('Frobnicate', [x]);
    return b.op('Relu', [x]);
  });
  expect(beside.differentiable).toBe(true);
  const on = network((b, x) => b.op('Relu', [b.op('Frobnicate', [x])]));
  expect(on.differentiable).toBe(false);
  expect(on.blocking).toEqual([
    {
      node: 'Frobnicate "Frobnicate"',
      operator: 'Frobnicate',
      remedy: 'Pass a rule for it in overrides, or add src/autodiff/rules/Frobnicate.ts.',
    },
  ]);
});

test('a zero gradient is named with its reason', () => {
  const found = network((b, x) => b.op('Floor', [x]));
  expect(found.zeroPaths).toEqual([
    { node: 'Floor "Floor"', operator: 'Floor', reason: 'piecewise constant' },
  ]);
  expect(found.operators).toContainEqual({
    operator: 'Floor',
    count: 1,
    gradient: 'zero',
    reason: 'piecewise constant',
  });
});

const codes = (found: ReturnType<typeof inspect>): string[] => found.flags.map((f) => f.code);

const centred = (axes: number[]): ReturnType<typeof inspect> =>
  network((b, x) => b.op('Sub', [x, b.op('ReduceMean', [x, b.ints(axes)])]));

describe('flags', () => {
  test('random nodes', () => {
    expect(codes(network((b, x) => b.op('Add', [x, b.op('RandomNormalLike', [x])])))).toEqual(['RANDOM']);
    const dropout = (on: number): ReturnType<typeof inspect> =>
      network((b, x) => b.op('Dropout', [x, b.scalar(0.5), b.constant(scalar(on, 'bool'))]));
    expect(codes(dropout(1))).toEqual(['RANDOM']);
    expect(codes(dropout(0))).toEqual([]);
  });

  test('statistics over the batch', () => {
    expect(codes(centred([0]))).toEqual(['BATCH_COUPLED']);
    expect(codes(centred([-2]))).toEqual(['BATCH_COUPLED']);
    expect(codes(centred([1]))).toEqual([]);
  });

  test('a fixed batch', () => {
    expect(network((b, x) => b.op('Relu', [x]), 1).flags).toEqual([
      {
        code: 'FIXED_BATCH',
        message: 'The input "x" is fixed to 1 rows: other batches run in parts of that size.',
      },
    ]);
  });
});

test('a name that is no tensor', () => {
  const b = new GraphBuilder();
  b.output(b.op('Relu', [b.input('x', 'float32', ['N', 4])]), 'y');
  expect(() => inspect(b.finish(), { of: 'logits' })).toThrow(
    expect.objectContaining({ code: 'GRAPH_NAME', message: 'The graph has no tensor "logits".' }),
  );
});
