import { describe, expect, test } from 'vitest';
import type { Graph } from '../onnx/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import { scalar, tensor } from '../tensor/index.ts';
import { gradient } from './gradient.ts';
import { inspect } from './inspect.ts';
import { prepare } from './prepare.ts';
import { defineRule } from './rule.ts';

/** y = x doubled `count` times. */
function doubling(count: (b: GraphBuilder) => string): Graph {
  const body = new GraphBuilder();
  body.input('i', 'int64', []);
  const go = body.input('go', 'bool', []);
  const h = body.input('h', 'float32', [2]);
  body.output(go, 'on');
  body.output(body.op('Add', [h, h]), 'twice');
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', [2]);
  const loop = b.op('Loop', [count(b), undefined, x], { body: { type: 'graph', value: body.finish() } });
  b.declare(loop, { dtype: 'float32', shape: [2] });
  b.output(loop, 'y');
  return b.finish();
}

const operators = (graph: Graph): string[] => graph.nodes.map((n) => n.op);

describe('loops', () => {
  const open = doubling((b) => b.input('n', 'int64', []));

  test('are unrolled where the trip count is constant', () => {
    const flat = prepare(
      doubling((b) => b.constant(scalar(3, 'int64'))),
      [],
    );
    expect(operators(flat).filter((op) => op !== 'Identity')).toEqual(['Add', 'Add', 'Add']);
    expect(flat.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [2] }]);
  });

  test('are refused on the way to the output where it is not', () => {
    expect(() => gradient(open, { of: 'y', wrt: ['x'] })).toThrow(
      expect.objectContaining({
        code: 'NO_GRADIENT',
        message:
          'The gradient of Loop needs a trip count and condition that constants decide, of at most 1024 passes.',
        where: 'node Loop "Loop"',
        remedy: 'Pass a rule for Loop in overrides.',
      }),
    );
    expect(inspect(open)).toMatchObject({
      differentiable: false,
      blocking: [
        {
          operator: 'Loop',
          why: 'The gradient of Loop needs a trip count and condition that constants decide, of at most 1024 passes.',
          remedy: 'Pass a rule for Loop in overrides.',
        },
      ],
    });
  });

  test('go by the rule that overrides', () => {
    const rule = defineRule({ op: 'Loop', backward: ({ dy }) => [undefined, undefined, dy[0]] });
    const graph = gradient(open, { of: 'y', wrt: ['x'], overrides: { Loop: rule } });
    expect(operators(graph)).toContain('Loop');
    expect(graph.outputs.map((o) => o.name)).toEqual(['y', 'grad_x']);
  });
});

test('a quantised operator stands between DequantizeLinear and QuantizeLinear, its weights as real numbers', () => {
  const b = new GraphBuilder();
  const q = b.input('q', 'uint8', ['N', 2]);
  const weights = b.constant(tensor<'int8'>(Int8Array.of(1, -2, 3, 5), [2, 2], 'int8'), 'w');
  const scales = b.constant(tensor(Float32Array.of(0.5, 2), [2], 'float32'), 's');
  const zeros = b.constant(tensor<'int8'>(Int8Array.of(0, 1), [2], 'int8'), 'z');
  const scale = b.scalar(0.1);
  const zero = b.constant(scalar(128, 'uint8'));
  b.output(b.op('QLinearMatMul', [q, scale, zero, weights, scales, zeros, scale, zero]), 'y');
  const flat = prepare(b.finish(), []);
  expect(operators(flat).filter((op) => op !== 'Identity')).toEqual([
    'DequantizeLinear',
    'MatMul',
    'QuantizeLinear',
  ]);
  expect(flat.initializers.get('w_real')).toEqual(
    tensor(Float32Array.of(0.5, -6, 1.5, 8), [2, 2], 'float32'),
  );
  expect(flat.outputs).toEqual([{ name: 'y', dtype: 'uint8', shape: ['N', 2] }]);
});
