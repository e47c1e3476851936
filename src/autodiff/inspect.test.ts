import { describe, expect, test } from 'vitest';
import { GraphBuilder, withSizes } from '../onnx/index.ts';
import { scalar, tensor } from '../tensor/index.ts';
import { inspect } from './inspect.ts';

const ones = (size: number) => tensor(new Float32Array(size).fill(1), [size], 'float32');

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
    bytes: 52,
    operators: [
      { operator: 'Sigmoid', count: 2, onPath: 2, gradient: 'rule' },
      { operator: 'Identity', count: 1, onPath: 1, gradient: 'rule' },
      { operator: 'MatMul', count: 1, onPath: 1, gradient: 'rule' },
      { operator: 'Mul', count: 1, onPath: 1, gradient: 'rule' },
    ],
    coverage: { rule: 5, zero: 0, missing: 0 },
    path: { of: 'y', wrt: 'x', nodes: 5 },
    differentiable: true,
    blocking: [],
    missingSizes: [],
    zeroPaths: [],
    flags: [
      {
        code: 'SOFTMAX_OUTPUT',
        message:
          'The output comes out of Sigmoid "Sigmoid_1": its gradient vanishes where the model is sure. Attack the tensor "Mul" before it: --logits, in rules `logits: true`.',
      },
      {
        code: 'SATURATION',
        message:
          'All of the gradient passes Sigmoid "Sigmoid", which is flat or nearly so outside a range: where an image saturates it, the gradient vanishes.',
      },
    ],
    cost: {
      forward: { multiplyAdds: 12, flops: 34, peakBytes: 28 },
      gradient: { multiplyAdds: 24, flops: 82, peakBytes: 64 },
    },
  });
});

test('nodes are counted as they stand in the file, whatever is made of them', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3, 8, 8]);
  const both = b.op('Concat', [b.op('Relu', [x]), b.op('Sin', [x])], { axis: 1 });
  const pooled = b.op('MaxPool', [both], { kernel_shape: [2, 2], strides: [2, 2] });
  b.output(b.op('Softplus', [b.op('LayerNormalization', [pooled, b.constant(ones(4))])]), 'y');
  const found = inspect(b.finish());
  expect(found.operators.map(({ operator, count, onPath }) => [operator, count, onPath])).toEqual([
    ['Concat', 1, 1],
    ['Identity', 1, 1],
    ['LayerNormalization', 1, 1],
    ['MaxPool', 1, 1],
    ['Relu', 1, 1],
    ['Sin', 1, 1],
    ['Softplus', 1, 1],
  ]);
  expect(found).toMatchObject({ coverage: { rule: 7 }, path: { nodes: 7 }, differentiable: true });
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
      why: 'No gradient rule for Frobnicate (opset 18).',
      remedy: 'Pass a rule for it in overrides, or add src/autodiff/rules/Frobnicate.ts.',
    },
  ]);
});

test('every node that is refused is named with the reason, in the order of the graph', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 'C', 4]);
  const first = b.op('Frobnicate', [x], {}, 'first');
  b.declare(first, { dtype: 'float32', shape: ['N', 'C', 4] });
  const second = b.op('LRN', [first], { size: 3 }, 'second');
  b.output(b.op('Frobnicate', [second], {}, 'third'), 'y');
  const found = inspect(b.finish());
  expect(found.blocking.map((n) => [n.node, n.why])).toEqual([
    ['Frobnicate "first"', 'No gradient rule for Frobnicate (opset 18).'],
    ['LRN "second"', 'The gradient of LRN needs the number of channels of "first".'],
    ['Frobnicate "third"', 'No gradient rule for Frobnicate (opset 18).'],
  ]);
  expect(found.cost).toEqual({ unknown: 'first' });
});

test('what stands before a zero gradient blocks nothing', () => {
  const found = network((b, x) => {
    const strange = b.op('Frobnicate', [x]);
    b.declare(strange, { dtype: 'float32', shape: ['N', 4] });
    return b.op('Floor', [strange]);
  });
  expect(found).toMatchObject({ differentiable: true, coverage: { rule: 1, zero: 1, missing: 1 } });
});

test('a zero gradient is named with its reason', () => {
  const found = network((b, x) => b.op('Floor', [x]));
  expect(found.zeroPaths).toEqual([
    { node: 'Floor "Floor"', operator: 'Floor', reason: 'piecewise constant' },
  ]);
  expect(found.operators).toContainEqual({
    operator: 'Floor',
    count: 1,
    onPath: 1,
    gradient: 'zero',
    reason: 'piecewise constant',
  });
});

const codes = (found: ReturnType<typeof inspect>): string[] => found.flags.map((f) => f.code);

const centred = (axes: number[]): ReturnType<typeof inspect> =>
  network((b, x) => b.op('Sub', [x, b.op('ReduceMean', [x, b.ints(axes)])]));

describe('flags', () => {
  const round = (b: GraphBuilder, x: string): string => b.op('Round', [x]);

  test('a gradient that is zero everywhere, or leaves a part out', () => {
    expect(network(round).flags).toEqual([
      {
        code: 'ZERO_GRADIENT',
        message:
          'Every way from "x" to "y" passes Round "Round", which is piecewise constant: the gradient is zero everywhere and shows nothing about robustness. Attack by scores or decisions; code can give a smooth surrogate for it to loadModel, in overrides.',
      },
    ]);
    expect(network((b, x) => b.op('Sub', [x, round(b, x)])).flags).toEqual([
      {
        code: 'ROUNDING',
        message:
          'A part of what the output depends on passes Round "Round", which is piecewise constant: the gradient leaves that part out. Attack by scores too; code can give a smooth surrogate for it to loadModel, in overrides.',
      },
    ]);
    const cast = (to: number) => (b: GraphBuilder, x: string) =>
      b.op('Add', [x, b.op('Cast', [b.op('Cast', [x], { to })], { to: 1 })]);
    expect(codes(network(cast(6)))).toEqual(['ROUNDING']);
    expect(codes(network(cast(9)))).toEqual(['ROUNDING']);
  });

  const floats = { to: 1 };
  const above = (b: GraphBuilder, x: string, level = 0): string => b.op('Greater', [x, b.scalar(level)]);
  const mask = (b: GraphBuilder, x: string): string => b.op('Cast', [above(b, x)], floats);
  const weights = (b: GraphBuilder): string => b.constant(tensor(new Float32Array(16).fill(0.5), [4, 4]));

  const choices: Record<string, (b: GraphBuilder, x: string) => string> = {
    'a Relu by Where': (b, x) => b.op('Where', [above(b, x), x, b.op('Mul', [x, b.scalar(0.1)])]),
    'a threshold by Where': (b, x) => b.op('Where', [above(b, x), x, b.scalar(0)]),
    'a mask': (b, x) => b.op('Mul', [x, mask(b, x)]),
    'a Relu of two masks': (b, x) => {
      const not = b.op('Sub', [b.scalar(1), mask(b, x)]);
      const slope = b.op('Mul', [x, b.op('Mul', [not, b.scalar(0.1)])]);
      return b.op('Add', [b.op('Mul', [mask(b, x), x]), slope]);
    },
    'the largest by its index': (b, x) =>
      b.op('GatherElements', [x, b.op('ArgMax', [x], { axis: 1, keepdims: 1 })], { axis: 1 }),
    'sizes that are rounded': (b, x) => {
      const size = b.op('Cast', [b.op('Shape', [x])], floats);
      const half = b.op('Floor', [b.op('Mul', [size, b.scalar(0.5)])]);
      const back = b.op('Mul', [half, b.scalar(2)]);
      return b.op('Reshape', [b.op('Neg', [x]), b.op('Cast', [back], { to: 7 })]);
    },
  };

  test.for(Object.entries(choices))('of %s nothing is told', ([, build]) => {
    expect(codes(network(build))).toEqual([]);
  });

  /** Steps by which numbers are made of comparisons and indices, and the node that makes each. */
  const steps: Record<string, [string, (b: GraphBuilder, x: string) => string]> = {
    'a thermometer': [
      'Greater "Greater" and 2 more',
      (b, x) => {
        const bits = [0.2, 0.5, 0.8].map((t) => b.op('Cast', [above(b, x, t)], floats));
        return b.op('MatMul', [b.op('Mean', bits), weights(b)]);
      },
    ],
    'a choice of constants': [
      'Greater "Greater"',
      (b, x) => b.op('Where', [above(b, x), b.scalar(1), b.scalar(-1)]),
    ],
    'a code of the largest': [
      'ArgMax "ArgMax"',
      (b, x) => {
        const index = b.op('ArgMax', [x], { axis: 1, keepdims: 0 });
        const values = b.constant(tensor(new Float32Array([0, 1]), [2]));
        return b.op('OneHot', [index, b.constant(scalar(4, 'int64')), values]);
      },
    ],
    'a table of codes': [
      'ArgMin "ArgMin"',
      (b, x) => b.op('Gather', [weights(b), b.op('ArgMin', [x], { axis: 1, keepdims: 0 })], { axis: 0 }),
    ],
    'whether there is anything': [
      'Cast "Cast"',
      (b, x) => b.op('Cast', [b.op('Cast', [x], { to: 9 })], floats),
    ],
    'a mask of both kinds': [
      'Greater "Greater" and 1 more',
      (b, x) => {
        const both = b.op('And', [above(b, x), b.op('Not', [above(b, x, 1)])]);
        return b.op('Cast', [both], floats);
      },
    ],
  };

  test.for(Object.entries(steps))(
    '%s is piecewise constant, beside a gradient and alone',
    ([, [node, build]]) => {
      const alone = network(build);
      expect(codes(alone)).toEqual(['ZERO_GRADIENT']);
      expect(alone.flags[0]?.message).toContain(`passes ${node}, which is piecewise constant`);
      expect(codes(network((b, x) => b.op('Add', [b.op('Mul', [x, b.scalar(1e-3)]), build(b, x)])))).toEqual([
        'ROUNDING',
      ]);
      // Weighed by what has a gradient, it still counts once it was computed with.
      const weighed = (b: GraphBuilder, x: string): string =>
        b.op('Mul', [b.op('Add', [x, b.scalar(9)]), b.op('MatMul', [build(b, x), weights(b)])]);
      expect(codes(network(weighed))).toContain('ROUNDING');
    },
  );

  test('a gradient that goes straight through rounding', () => {
    const found = network((b, x) => {
      const [scale, zero] = [b.scalar(0.1), b.constant(scalar(0, 'uint8'))];
      return b.op('DequantizeLinear', [b.op('QuantizeLinear', [x, scale, zero]), scale, zero]);
    });
    expect(codes(found)).toEqual(['STRAIGHT_THROUGH']);
  });

  test('what saturates, where nothing goes by', () => {
    const squashed = (b: GraphBuilder, x: string): string => b.op('Neg', [b.op('Tanh', [x])]);
    expect(codes(network(squashed))).toEqual(['SATURATION']);
    expect(codes(network((b, x) => b.op('Add', [x, squashed(b, x)])))).toEqual([]);
    const clip = (low: number) => (b: GraphBuilder, x: string) => {
      const w = b.constant(tensor(new Float32Array(16).fill(1), [4, 4]), 'w');
      return b.op('Neg', [b.op('Clip', [b.op('MatMul', [x, w]), b.scalar(low), b.scalar(6)])]);
    };
    expect(codes(network(clip(-1)))).toEqual(['SATURATION']);
    const above = (b: GraphBuilder, x: string) => {
      const w = b.constant(tensor(new Float32Array(16).fill(1), [4, 4]), 'w');
      return b.op('Neg', [b.op('Clip', [b.op('MatMul', [x, w]), '', b.scalar(6)])]);
    };
    expect(codes(network(above))).toEqual(['SATURATION']);
    const cut = (low: number, high: number, scale = 1) =>
      codes(
        network((b, x) => {
          const levels = b.op('Sub', [b.op('Mul', [x, b.scalar(scale)]), b.scalar(0.5)]);
          return b.op('Neg', [b.op('Clip', [levels, b.scalar(low), b.scalar(high)])]);
        }),
      );
    // Pixels in [0,1] that no bound cuts, and some that one cuts.
    expect([
      cut(-0.5, 0.5),
      cut(-1, 255, 255),
      cut(-0.4, 0.5),
      cut(-1, 200, 255),
      cut(-0.5, 0.5, -1),
    ]).toEqual([[], [], ['SATURATION'], ['SATURATION'], ['SATURATION']]);
    expect(codes(network(clip(0)))).toEqual([]);
  });

  test('preprocessing before the first weights', () => {
    const images = (build: (b: GraphBuilder, x: string) => string): string[] => {
      const b = new GraphBuilder();
      const w = b.constant(tensor(new Float32Array(12).fill(1), [4, 3, 1, 1]), 'w');
      const x = build(b, b.input('x', 'float32', ['N', 3, 4, 4]));
      b.output(b.op('Relu', [b.op('Conv', [x, w])]), 'y');
      return inspect(b.finish()).flags.map((f) => f.message);
    };
    const normalised = (b: GraphBuilder, x: string): string =>
      b.op('Div', [b.op('Sub', [x, b.scalar(0.5)]), b.scalar(0.25)]);
    expect(images(normalised)).toEqual([
      'The model prepares its input itself (Sub, Div, up to Div "Div"): a sidecar has what is left to do before it, such as std 1/255 where it takes levels of 0 to 255, and not the same again. Epsilon is measured before both.',
    ]);
    expect(images((_, x) => x)).toEqual([]);
    // Scaled by weights of its own: a gate, no preprocessing.
    const gate = (b: GraphBuilder, x: string): string => {
      const w = b.constant(tensor(new Float32Array(9).fill(1), [3, 3, 1, 1]), 'gate');
      return b.op('Mul', [x, b.op('Relu', [b.op('Conv', [x, w])])]);
    };
    expect(images(gate)).toEqual([]);
  });

  test('random nodes', () => {
    expect(codes(network((b, x) => b.op('Add', [x, b.op('RandomNormalLike', [x])])))).toEqual(['RANDOM']);
    const dropout = (on: number): ReturnType<typeof inspect> =>
      network((b, x) => b.op('Dropout', [x, b.scalar(0.5), b.constant(scalar(on, 'bool'))]));
    expect(codes(dropout(1))).toEqual(['RANDOM']);
    expect(codes(dropout(0))).toEqual([]);
    const asked = network((b, x) =>
      b.op('Dropout', [x, b.scalar(0.5), b.input('mode', 'bool', [])], {}, 'd'),
    );
    expect(asked.flags).toEqual([
      {
        code: 'RANDOM',
        message: 'Dropout "d" may draw random numbers in the graph: its mode or its ratio is no constant.',
      },
    ]);
  });

  test('statistics over the batch', () => {
    expect(codes(centred([0]))).toEqual(['BATCH_COUPLED']);
    expect(codes(centred([-2]))).toEqual(['BATCH_COUPLED']);
    expect(codes(centred([1]))).toEqual([]);
    expect(codes(network((b, x) => b.op('Neg', [b.op('Softmax', [x], { axis: 0 })])))).toEqual([
      'BATCH_COUPLED',
    ]);
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

test('what only lacks a size is marked, and the inputs that leave it free are named', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3, 'H', 8]);
  b.input('beside', 'float32', ['N', 'K']);
  const odd = b.op('Frobnicate', [b.op('MaxPool', [x], { kernel_shape: [2, 2] })]);
  b.declare(odd, { dtype: 'float32', shape: ['N', 4] });
  b.output(odd, 'y');
  const graph = b.finish();
  expect(inspect(graph)).toMatchObject({
    differentiable: false,
    blocking: [{ operator: 'MaxPool', lacksSizes: true }, { operator: 'Frobnicate' }],
    missingSizes: [{ input: 'x', axes: [2] }],
  });
  const sized = inspect(withSizes(graph, new Map([['x', ['N', 3, 6, 8]]])));
  expect(sized).toMatchObject({ blocking: [{ operator: 'Frobnicate' }], missingSizes: [] });
});
