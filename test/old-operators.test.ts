import { describe, expect, test } from 'vitest';
import { inspect } from '../src/autodiff/index.ts';
import type { AttributeInput, Graph } from '../src/onnx/index.ts';
import { check, float, floats, GraphBuilder, upgrade } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { int64, scalar, tensor } from '../src/tensor/index.ts';
import { agrees, filled } from './agrees.ts';
import { outputsOf } from './differences.ts';

// Operators of old files and of the runtime's own, against its kernels.

/** A node with an attribute that is a number in LRN. */
function strange(op: string): Graph {
  const b = new GraphBuilder(undefined, { opset: 8 });
  b.output(b.op(op, [b.input('x', 'float32', [1, 3, 4, 4])], { bias: floats([1, 2]), size: 3 }), 'y');
  return b.finish();
}

describe('operators that the standard took back', () => {
  const cases: [string, Record<string, AttributeInput>, string[]][] = [
    ['Affine', { alpha: float(2), beta: float(-0.5) }, ['Mul', 'Add']],
    ['Affine', {}, ['Mul', 'Add']],
    ['Crop', { border: [1, 0, 2, 1] }, ['Slice']],
    ['Crop', { border: [1, 2, 0, 0] }, ['Slice']],
    ['Crop', { border: [1, 0, 1, 1], scale: [3, 2] }, ['Slice']],
    ['ImageScaler', { scale: float(2), bias: floats([1, -2, 0.5]) }, ['Mul', 'Add']],
    ['ImageScaler', { bias: floats([1, -2, 0.5]) }, ['Mul', 'Add']],
    ['ParametricSoftplus', { alpha: float(2), beta: float(0.7) }, ['Mul', 'Softplus', 'Mul']],
    ['Scale', { scale: float(3) }, ['Mul']],
    ['ScaledTanh', { alpha: float(2), beta: float(0.7) }, ['Mul', 'Tanh', 'Mul']],
    ['ThresholdedRelu', { alpha: float(0.1) }, ['ThresholdedRelu']],
    ['MeanVarianceNormalization', {}, ['MeanVarianceNormalization']],
    ['MeanVarianceNormalization', { across_channels: 1 }, ['MeanVarianceNormalization']],
    ['MeanVarianceNormalization', { normalize_variance: 0 }, ['ReduceMean', 'Sub']],
    ['MeanVarianceNormalization', { across_channels: 1, normalize_variance: 0 }, ['ReduceMean', 'Sub']],
  ];
  test.for(cases)('%s %j', ([op, attributes]) =>
    agrees({ shape: [2, 3, 5, 4], opset: 8, step: 1e-3, second: true }, (b, x) =>
      weighted(b, b.op(op, [x], attributes)),
    ),
  );
  test('are known to inspect, and their attributes are theirs', () => {
    const b = new GraphBuilder(undefined, { opset: 7 });
    const bias = floats([0.1, 0.2, 0.3]);
    b.output(b.op('ImageScaler', [b.input('x', 'float32', [1, 3, 4, 4])], { scale: float(0.5), bias }), 'y');
    expect(() => check(b.finish(), { name: 'scaled.onnx' })).not.toThrow();
    expect(() => check(strange('Strange'), { name: 'strange.onnx' })).not.toThrow();
    expect(() => check(strange('LRN'), { name: 'strange.onnx' })).toThrow(
      expect.objectContaining({ code: 'MODEL_ATTRIBUTE' }),
    );
    expect(inspect(b.finish()).operators).toContainEqual({
      operator: 'ImageScaler',
      count: 1,
      onPath: 1,
      gradient: 'rule',
    });
  });
  const shapes: [string, Record<string, AttributeInput>][] = [
    ...cases.map(([op, attributes]): (typeof shapes)[number] => [op, attributes]),
    ['Upsample', { mode: 'nearest', scales: floats([1, 1, 2, 1.5]) }],
  ];
  test.for(shapes)('%s %j: the shape is known before', async ([op, attributes]) => {
    const b = new GraphBuilder(undefined, { opset: 8 });
    b.output(b.op(op, [b.input('x', 'float32', [2, 3, 5, 4])], attributes), 'y');
    const graph = b.finish();
    const { y } = await outputsOf(graph, { x: filled([2, 3, 5, 4], 1) });
    expect(graph.outputs[0]?.shape).toEqual(y?.shape);
  });
  test.for(cases)('%s %j becomes %j', ([op, attributes, operators]) => {
    const b = new GraphBuilder(undefined, { opset: 8 });
    b.output(b.op(op, [b.input('x', 'float32', ['N', 3, 5, 4])], attributes), 'y');
    expect(upgrade(b.finish()).nodes.map((n) => n.op)).toEqual([...operators, 'Identity']);
  });
  test('DynamicSlice', () =>
    agrees({ shape: [3, 5], opset: 8 }, (b, x) =>
      b.op('DynamicSlice', [x, b.ints([1]), b.ints([4]), b.ints([1])]),
    ));
});

/** Behind an operator: a square, so that gradients depend on the values. */
function weighted(b: GraphBuilder, y: string): string {
  return b.op('Mul', [y, y]);
}

const microsoft = { domain: 'com.microsoft' };

test.for([18, 20])('GridSample of com.microsoft beside opset %i', (opset) =>
  agrees({ shape: [1, 2, 4, 5], opset }, (b, x) => {
    const places = b.constant(filled([1, 3, 4, 2], 3, 1.2));
    return b.node('GridSample', [x, places], { mode: 'bicubic' }, microsoft)[0] as string;
  }),
);

describe('normalisations of the runtime', () => {
  test.for([11, 18])('LayerNormalization and SimplifiedLayerNormalization beside opset %i', (opset) =>
    agrees({ shape: [2, 3, 4], opset, second: true }, (b, x) => {
      const [scale, bias] = [1, 2].map((seed) => b.constant(filled([4], seed)));
      const first = b.op('LayerNormalization', [x, scale, bias], { epsilon: float(1e-3) });
      const wide = b.constant(filled([3, 4], 3));
      return b.op('SimplifiedLayerNormalization', [first, wide], { axis: 1, epsilon: float(1e-3) });
    }),
  );
  test.for([0, 3])('SkipSimplifiedLayerNormalization, output %i', (output) =>
    agrees({ shape: [2, 3, 4], second: output === 0 }, (b, x) => {
      const inputs = [x, b.op('Tanh', [x]), b.constant(filled([4], 1)), b.constant(filled([4], 2))];
      const outputs = output === 0 ? ['normal'] : ['normal', '', '', 'sum'];
      const made = b.node('SkipSimplifiedLayerNormalization', inputs, {}, { ...microsoft, outputs });
      return made[output] as string;
    }),
  );
});

test('Trilu of com.microsoft', () =>
  agrees(
    { shape: [2, 4, 4], opset: 12 },
    (b, x) => b.node('Trilu', [x], { upper: 0 }, microsoft)[0] as string,
  ));

test('QuantizeLinear and DequantizeLinear of com.microsoft, in 16 bits', () =>
  // Steps far finer than those of the differences: what goes straight through is what they find.
  agrees({ shape: [2, 5], opset: 13, step: 0.1 }, (b, x) => {
    const [scale, zero] = [b.scalar(1e-4), b.constant(scalar(32000, 'uint16'))];
    const q = b.node('QuantizeLinear', [x, scale, zero], {}, microsoft)[0];
    return b.node('DequantizeLinear', [q, scale, zero], {}, microsoft)[0] as string;
  }));

describe('RotaryEmbedding', () => {
  const [cosines, sines] = [filled([7, 2], 4), filled([7, 2], 5)];
  const positions = int64([3, 1, 0, 6, 2, 2, 5, 4], [2, 4]);
  const cases: [string, number[], Record<string, AttributeInput>][] = [
    ['with heads apart', [2, 3, 4, 4], {}],
    ['in one axis', [2, 4, 12], { num_heads: 3 }],
    ['of a part of the features', [2, 3, 4, 6], { rotary_embedding_dim: 4, num_heads: 3 }],
  ];
  describe.for([0, 1])('interleaved %i', (interleaved) => {
    test.for(cases)('%s', ([, shape, attributes]) =>
      agrees({ shape, opset: 23 }, (b, x) => {
        const inputs = [x, b.constant(cosines), b.constant(sines), b.constant(positions)];
        return b.op('RotaryEmbedding', inputs, { ...attributes, interleaved });
      }),
    );
    test.for(cases)('of com.microsoft, %s', ([, shape, attributes]) =>
      agrees({ shape }, (b, x) => {
        const inputs = [x, b.constant(positions), b.constant(cosines), b.constant(sines)];
        return b.node('RotaryEmbedding', inputs, { ...attributes, interleaved }, microsoft)[0] as string;
      }),
    );
    test('angles per sample', () =>
      agrees({ shape: [2, 3, 4, 4], opset: 23 }, (b, x) => {
        const inputs = [x, b.constant(filled([2, 4, 2], 4)), b.constant(filled([2, 4, 2], 5))];
        return b.op('RotaryEmbedding', inputs, { interleaved });
      }));
  });
});

describe('MatMulNBits', () => {
  const bytes = (shape: readonly number[], seed: number): AnyTensor =>
    tensor<'uint8'>(
      Uint8Array.from(filled(shape, seed).data, (v) => 128 + Math.floor(127 * v)),
      shape,
      'uint8',
    );
  describe.for([4, 8])('of %i bits', (bits) => {
    test.for([false, true])('zero points and bias: %s', (more) =>
      agrees({ shape: [2, 3, 40] }, (b, x) => {
        const blocks = 3;
        const weight = b.constant(bytes([5, blocks, (16 * bits) / 8], 1));
        const scales = b.constant(filled([5 * blocks], 2, 0.1));
        const zeros = b.constant(bytes([5 * Math.ceil((blocks * bits) / 8)], 3));
        const inputs = more
          ? [x, weight, scales, zeros, undefined, b.constant(filled([5], 4))]
          : [x, weight, scales];
        const attributes = { K: 40, N: 5, bits, block_size: 16 };
        return b.node('MatMulNBits', inputs, attributes, microsoft)[0] as string;
      }),
    );
  });
});

describe('FusedMatMul', () => {
  const cases: [string, number[], number[], Record<string, AttributeInput>][] = [
    ['plain', [2, 3, 4], [2, 4, 5], {}],
    ['both transposed', [2, 4, 3], [2, 5, 4], { transA: 1, transB: 1 }],
    ['the batch of the left behind', [3, 2, 4], [2, 4, 5], { transBatchA: 1 }],
    ['that of the right, transposed', [2, 3, 4], [5, 2, 4], { transBatchB: 1, transB: 1 }],
    ['both, of four axes', [3, 2, 6, 4], [4, 2, 6, 5], { transBatchA: 1, transBatchB: 1 }],
    ['a vector', [2, 3, 4], [4], { transB: 1 }],
  ];
  test.for(cases)('%s', ([, left, right, attributes]) =>
    agrees({ shape: left, second: true }, (b, x) => {
      const squared = b.op('Mul', [x, x]);
      const inputs = [squared, b.constant(filled(right, 2))];
      return b.node('FusedMatMul', inputs, { ...attributes, alpha: float(0.6) }, microsoft)[0] as string;
    }),
  );
  test.for(cases.slice(0, 5))('%s, of the right operand', ([, left, right, attributes]) =>
    agrees({ shape: right }, (b, x) => {
      const inputs = [b.constant(filled(left, 2)), x];
      return b.node('FusedMatMul', inputs, { ...attributes, alpha: float(0.6) }, microsoft)[0] as string;
    }),
  );
});
