import { describe, expect, test } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import type { AttributeInput, Graph } from '../src/onnx/index.ts';
import { float, GraphBuilder, onnxType } from '../src/onnx/index.ts';
import type { AnyTensor, DType, Tensor } from '../src/tensor/index.ts';
import { int64, numbers, scalar, tensor, toHalf } from '../src/tensor/index.ts';
import { agrees, dot, filled } from './agrees.ts';
import { outputsOf } from './differences.ts';

// Operators that are rewritten, or whose rule computes what the fixtures hold in one form only: the output against
// the runtime's own kernel, the gradient against central differences of that kernel.

describe('DFT', () => {
  const cases: [string, number[], Record<string, AttributeInput>, number?][] = [
    ['real', [2, 7, 1], { axis: 1 }],
    ['complex, along an inner axis', [2, 3, 6, 2], { axis: 1 }],
    ['one-sided', [2, 8, 1], { axis: 1, onesided: 1 }],
    ['one-sided, odd', [2, 7, 1], { axis: 1, onesided: 1 }],
    ['inverse', [2, 6, 2], { axis: 1, inverse: 1 }],
    ['cut off', [2, 8, 1], { axis: 1 }, 5],
    ['filled up, one-sided', [2, 5, 1], { axis: 1, onesided: 1 }, 8],
  ];
  test.for(cases)('%s', ([, shape, attributes, length]) =>
    agrees({ shape }, (b, x) => {
      const points = length === undefined ? undefined : b.constant(scalar(length, 'int64'));
      return b.op('DFT', [x, points], attributes);
    }),
  );
  test('axis as an input (opset 20)', () =>
    agrees({ shape: [2, 3, 6, 2], opset: 20 }, (b, x) =>
      b.op('DFT', [x, undefined, b.constant(scalar(-3, 'int64'))]),
    ));
  test('axis left out (opset 20)', () =>
    agrees({ shape: [2, 3, 6, 2], opset: 20 }, (b, x) => b.op('DFT', [x])));
});

describe('RoiAlign', () => {
  const regions = tensor(Float32Array.from([1, 1, 9, 7, -3, 2, 6, 14, 4, 4, 4.5, 5]), [3, 4]);
  test.for(['half_pixel', 'output_half_pixel'])('%s, regions beyond the edges', (mode) =>
    agrees({ shape: [2, 3, 6, 7] }, (b, x) =>
      b.op('RoiAlign', [x, b.constant(regions), b.constant(int64([1, 0, 1]))], {
        output_height: 2,
        output_width: 3,
        sampling_ratio: 3,
        spatial_scale: float(0.7),
        coordinate_transformation_mode: mode,
      }),
    ),
  );
});

describe('DeformConv', () => {
  test('groups, groups of offsets, strides, dilations, no mask', () =>
    agrees({ shape: [2, 4, 7, 6], opset: 19 }, (b, x) => {
      const weight = b.constant(filled([6, 2, 3, 2], 3));
      const offsets = b.constant(filled([2, 2 * 6 * 2, 3, 5], 4, 1.5));
      return b.op('DeformConv', [x, weight, offsets], {
        kernel_shape: [3, 2],
        group: 2,
        offset_group: 2,
        strides: [2, 1],
        dilations: [1, 2],
        pads: [1, 1, 0, 0],
      });
    }));
  test('offsets that depend on the input', () =>
    agrees({ shape: [1, 2, 5, 5], opset: 19, step: 1e-3 }, (b, x) => {
      const offsets = b.op('Mul', [
        b.op('Conv', [x, b.constant(filled([18, 2, 1, 1], 5, 0.1))]),
        b.scalar(0.3),
      ]);
      const shifted = b.op('Add', [offsets, b.scalar(0.4)]);
      return b.op('DeformConv', [x, b.constant(filled([2, 2, 3, 3], 6)), shifted], {
        kernel_shape: [3, 3],
        pads: [1, 1, 1, 1],
      });
    }));
});

describe('Attention', () => {
  const part = (b: GraphBuilder, x: string, width: number, seed: number): string =>
    b.op('MatMul', [x, b.constant(filled([6, width], seed))]);
  test('[N, length, heads·size], several queries per key, additive mask', () =>
    agrees({ shape: [2, 4, 6], opset: 23 }, (b, x) =>
      b.op(
        'Attention',
        [part(b, x, 12, 1), part(b, x, 6, 2), part(b, x, 4, 3), b.constant(filled([4, 4], 4))],
        {
          q_num_heads: 4,
          kv_num_heads: 2,
        },
      ),
    ));
  test('boolean mask', () =>
    agrees({ shape: [1, 3, 6], opset: 23 }, (b, x) => {
      const seen = tensor<'bool'>(Uint8Array.from([1, 0, 1, 1, 1, 0, 0, 1, 1]), [3, 3], 'bool');
      return b.op('Attention', [part(b, x, 6, 1), part(b, x, 6, 2), part(b, x, 6, 3), b.constant(seen)], {
        q_num_heads: 2,
        kv_num_heads: 2,
      });
    }));
});

let bodies = 0;

/** A body: its inputs (types and shapes as loops state them) and what it returns. */
function body(
  inputs: readonly (readonly [string, DType, readonly number[]])[],
  build: (b: GraphBuilder, names: readonly string[]) => readonly string[],
  opset = 18,
): AttributeInput {
  // Outputs of inner graphs must be named differently from those around them.
  const id = ++bodies;
  const b = new GraphBuilder(undefined, { opset });
  const names = inputs.map(([name, dtype, shape]) => b.input(name, dtype, shape));
  for (const [i, name] of build(b, names).entries()) b.output(name, `body${id}_${i}`);
  return { type: 'graph', value: b.finish() };
}

describe('Loop', () => {
  const inputs = [
    ['i', 'int64', []],
    ['go', 'bool', []],
    ['h', 'float32', [2, 3]],
  ] as const;
  test('collected outputs, the pass counted, a tensor of the outer graph', () =>
    agrees({ shape: [2, 3] }, (b, x) => {
      const loop = body(inputs, (inner, [i, go, h]) => {
        const weight = inner.op('Cast', [inner.op('Add', [i, inner.scalar(1, 'int64')])], { to: 1 });
        const next = inner.op('Tanh', [inner.op('Add', [inner.op('Mul', [h, weight]), 'x'])]);
        return [go as string, next, inner.op('Mul', [next, 'x'])];
      });
      const [last, all] = b.node(
        'Loop',
        [b.constant(scalar(3, 'int64')), undefined, x],
        { body: loop },
        { outputs: 2 },
      );
      b.declare(all as string, { dtype: 'float32', shape: [3, 2, 3] });
      b.declare(last as string, { dtype: 'float32', shape: [2, 3] });
      return b.op('Add', [b.op('ReduceSum', [all, b.ints([0])], { keepdims: 0 }), last]);
    }));
  test('ended by its condition', () =>
    agrees({ shape: [2, 3] }, (b, x) => {
      const loop = body(inputs, (inner, [i, , h]) => [
        inner.op('Less', [i, inner.scalar(1, 'int64')]),
        inner.op('Sin', [inner.op('Add', [h, 'x'])]),
      ]);
      return b.op('Loop', [undefined, b.constant(scalar(1, 'bool')), x], { body: loop });
    }));
  test('around an If that the pass decides, and a loop', () =>
    agrees({ shape: [2, 3] }, (b, x) => {
      const branch = (op: string): AttributeInput => body([], (inner) => [inner.op(op, ['h'])]);
      const loop = body(inputs, (inner, [i, go]) => {
        const first = inner.op('Equal', [i, inner.scalar(0, 'int64')]);
        const next = inner.op('If', [first], { then_branch: branch('Tanh'), else_branch: branch('Sin') });
        const twice = body(
          [
            ['j', 'int64', []],
            ['on', 'bool', []],
            ['k', 'float32', [2, 3]],
          ],
          (deep, [, on, k]) => [on as string, deep.op('Mul', [deep.op('Add', [k, 'h']), deep.scalar(0.7)])],
        );
        return [go as string, inner.op('Loop', [inner.scalar(2, 'int64'), undefined, next], { body: twice })];
      });
      return b.op('Loop', [b.constant(scalar(2, 'int64')), undefined, x], { body: loop });
    }));
});

describe('Scan of opset 8, over each sample of a batch', () => {
  const summing = (): AttributeInput =>
    body(
      [
        ['sum', 'float32', [2]],
        ['u', 'float32', [2]],
        ['v', 'float32', [2]],
      ],
      (inner, [sum, u, v]) => {
        const next = inner.op('Tanh', [inner.op('Add', [sum, inner.op('Mul', [u, v])])]);
        return [next, inner.op('Mul', [next, u])];
      },
      8,
    );
  const attributes = { num_scan_inputs: 2, directions: [0, 1] };
  test.for([0, 1])('output %i', (output) =>
    agrees({ shape: [3, 4, 2], opset: 8 }, (b, x) => {
      const start = b.constant(filled([3, 2], 2));
      const turned = b.op('Mul', [x, b.constant(filled([4, 2], 3))], {}, 'turned');
      const inputs = [undefined, start, x, turned];
      const made = b.node('Scan', inputs, { ...attributes, body: summing() }, { outputs: 2 });
      b.declare(made[0] as string, { dtype: 'float32', shape: [3, 2] });
      b.declare(made[1] as string, { dtype: 'float32', shape: [3, 4, 2] });
      return made[output] as string;
    }),
  );
  test('of a free batch is refused, and inspect knows', () => {
    const b = new GraphBuilder(undefined, { opset: 8 });
    const x = b.input('x', 'float32', ['N', 4, 2]);
    const inputs = [undefined, b.input('start', 'float32', ['N', 2]), x, x];
    const made = b.node('Scan', inputs, { ...attributes, body: summing() }, { outputs: ['last', 'all'] });
    b.declare(made[1] as string, { dtype: 'float32', shape: ['N', 4, 2] });
    b.output(made[1] as string, 'y');
    expect(inspect(b.finish()).blocking.map((found) => found.why)).toEqual([
      'The gradient of Scan needs the length of the axis scanned, at most 1024.',
    ]);
  });
  test('with sequence_lens is refused', () => {
    const b = new GraphBuilder(undefined, { opset: 8 });
    const x = b.input('x', 'float32', [3, 4, 2]);
    const inputs = [b.ints([4, 2, 1]), b.constant(filled([3, 2], 2)), x, x];
    const made = b.node('Scan', inputs, { ...attributes, body: summing() }, { outputs: ['last', 'all'] });
    b.output(made[1] as string, 'y');
    expect(() => gradient(b.finish(), { of: 'y', wrt: ['x'] })).toThrow(
      expect.objectContaining({
        code: 'ONNX_OPSET',
        message: 'Scan cannot be upgraded: sequence_lens has no newer form.',
        where: 'node Scan "last", opset 8 to 18',
      }),
    );
  });
});

test('Scan with two inputs, one backwards, along other axes', () =>
  agrees({ shape: [3, 4] }, (b, x) => {
    const scan = body(
      [
        ['h', 'float32', [3]],
        ['u', 'float32', [3]],
        ['v', 'float32', [3]],
      ],
      (inner, [h, u, v]) => {
        const next = inner.op('Tanh', [inner.op('Add', [h, inner.op('Mul', [u, v])])]);
        return [next, inner.op('Mul', [next, u])];
      },
    );
    const start = b.constant(filled([3], 2));
    const turned = b.op('Transpose', [x], { perm: [1, 0] });
    const attributes = {
      body: scan,
      num_scan_inputs: 2,
      scan_input_axes: [1, 0],
      scan_input_directions: [0, 1],
      scan_output_axes: [1],
      scan_output_directions: [1],
    };
    return b.node('Scan', [start, x, turned], attributes, { outputs: 2 })[1] as string;
  }));

describe('sequences', () => {
  test('inserted, erased, split into equal parts', () =>
    agrees({ shape: [2, 5] }, (b, x) => {
      const parts = b.op('SplitToSequence', [x, b.constant(scalar(2, 'int64'))], { axis: 1 });
      const at = (i: number): string => b.op('SequenceAt', [parts, b.scalar(i, 'int64')]);
      const empty = b.op('SequenceEmpty', []);
      const one = b.op('SequenceInsert', [empty, b.op('Tanh', [at(0)])]);
      const two = b.op('SequenceInsert', [one, b.op('Sin', [at(-1)]), b.scalar(0, 'int64')]);
      const three = b.op('SequenceInsert', [two, at(1)]);
      const left = b.op('SequenceErase', [b.op('SequenceInsert', [three, at(1)]), b.scalar(-1, 'int64')]);
      return b.op('ConcatFromSequence', [left], { axis: 1 });
    }));
  test('parts without the split axis, stacked anew', () =>
    agrees({ shape: [3, 4] }, (b, x) => {
      const rows = b.op('SplitToSequence', [x], { axis: 0, keepdims: 0 });
      const row = (i: number): string => b.op('SequenceAt', [rows, b.scalar(i, 'int64')]);
      const two = b.op('SequenceConstruct', [b.op('Tanh', [row(2)]), row(0)]);
      return b.op('ConcatFromSequence', [two], { axis: 1, new_axis: 1 });
    }));
});

describe('quantised', () => {
  const uint8 = (values: readonly number[], shape: readonly number[]): AnyTensor =>
    tensor<'uint8'>(Uint8Array.from(values), shape, 'uint8');
  const bytes = (shape: readonly number[], seed: number): AnyTensor =>
    uint8(
      numbers(filled(shape, seed)).map((v) => Math.round(128 + 100 * v)),
      shape,
    );
  const zero = (b: GraphBuilder, value = 128): string => b.constant(uint8([value], []));

  /** The gradient of `build` between QuantizeLinear and DequantizeLinear is that of the float operator. */
  async function passes(
    shape: readonly number[],
    build: (b: GraphBuilder, q: string, scale: string, zero: string) => string,
    plain: (b: GraphBuilder, x: string) => string,
  ): Promise<void> {
    const x = filled(shape, 9);
    const make = (inner: (b: GraphBuilder, x: string) => string): Graph => {
      const b = new GraphBuilder();
      b.output(inner(b, b.input('x', 'float32', shape)), 'y');
      return b.finish();
    };
    const quantised = make((b, input) => {
      const scale = b.scalar(0.01);
      return build(b, b.op('QuantizeLinear', [input, scale, zero(b)]), scale, zero(b));
    });
    const { y } = (await outputsOf(quantised, { x })) as { y: Tensor };
    const cotangent = filled(y.shape, 13);
    const results = [];
    for (const graph of [quantised, make(plain)]) {
      const extended = gradient(graph, { of: 'y', wrt: ['x'], cotangent: 'input' });
      const feeds = extended.inputs.some((i) => i.name === 'x') ? { x, cotangent } : { cotangent };
      results.push(await outputsOf(extended, feeds));
    }
    const [found, expected] = results as [Record<string, Tensor>, Record<string, Tensor>];
    const own = numbers(found['y'] as Tensor);
    expect(Math.max(...numbers(y).map((v, i) => Math.abs(v - (own[i] as number))))).toBeLessThan(1e-5);
    const [g, reference] = [numbers(found['grad_x'] as Tensor), numbers(expected['grad_x'] as Tensor)];
    expect(dot(reference, reference)).toBeGreaterThan(0);
    expect(Math.max(...g.map((v, i) => Math.abs(v - (reference[i] as number))))).toBeLessThan(1e-5);
  }

  test('a pool with its channels last', () =>
    passes(
      [2, 4, 6, 3],
      (b, q, scale, z) => {
        const attributes = { kernel_shape: [2, 2], strides: [2, 2], channels_last: 1 };
        // A scale at which no mean lies half-way between two steps.
        const step = b.scalar(0.0083);
        const pooled = b.node('QLinearAveragePool', [q, scale, z, step, z], attributes, {
          domain: 'com.microsoft',
        })[0];
        return b.op('DequantizeLinear', [pooled, step, z]);
      },
      (b, x) => {
        const first = b.op('Transpose', [x], { perm: [0, 3, 1, 2] });
        const pooled = b.op('AveragePool', [first], { kernel_shape: [2, 2], strides: [2, 2] });
        return b.op('Transpose', [pooled], { perm: [0, 2, 3, 1] });
      },
    ));

  test('a Gemm with a float result', () => {
    const weights = bytes([5, 4], 3);
    const real = tensor(
      Float32Array.from(numbers(weights), (v) => 0.02 * (v - 120)),
      [5, 4],
    );
    return passes(
      [3, 5],
      (b, q, scale, z) =>
        b.node(
          'QGemm',
          [q, scale, z, b.constant(weights), b.scalar(0.02), zero(b, 120)],
          { alpha: float(0.5) },
          { domain: 'com.microsoft' },
        )[0] as string,
      (b, x) => b.op('Gemm', [x, b.constant(real)], { alpha: float(0.5) }),
    );
  });

  test.for([0, 1])('a Conv and a MaxPool of the optimiser, channels_last %i', (last) => {
    const weight = bytes([4, 3, 3, 3], 3);
    const order = (perm: readonly number[]): readonly number[] => (last === 1 ? perm : [0, 1, 2, 3]);
    const windows = { kernel_shape: [3, 3], strides: [2, 1], pads: [1, 1, 0, 1] };
    return passes(
      last === 1 ? [2, 7, 6, 3] : [2, 3, 7, 6],
      (b, q, scale, z) => {
        // A scale at which no sum lies half-way between two steps.
        const step = b.scalar(0.0531);
        const options = { domain: 'com.microsoft' };
        const inputs = [q, scale, z, b.constant(weight), b.scalar(0.02), zero(b, 120), step, z];
        const made = b.node('QLinearConv', inputs, { ...windows, channels_last: last }, options)[0] as string;
        const pool = { kernel_shape: [2, 2], strides: [1, 2] };
        const pooled =
          last === 1 ? b.node('NhwcMaxPool', [made], pool, options)[0] : b.op('MaxPool', [made], pool);
        return b.op('DequantizeLinear', [pooled, step, z]);
      },
      (b, x) => {
        const real = Float32Array.from(numbers(weight), (v) => 0.02 * (v - 120));
        const [step, z] = [b.scalar(0.0531), zero(b)];
        const first = b.op('Transpose', [x], { perm: order([0, 3, 1, 2]) });
        const conv = b.op('Conv', [first, b.constant(tensor(real, [4, 3, 3, 3]))], windows);
        // In the same steps, which decide between equal maxima.
        const rounded = b.op('DequantizeLinear', [b.op('QuantizeLinear', [conv, step, z]), step, z]);
        const pooled = b.op('MaxPool', [rounded], { kernel_shape: [2, 2], strides: [1, 2] });
        return b.op('Transpose', [pooled], { perm: order([0, 2, 3, 1]) });
      },
    );
  });

  test('a Softmax', () =>
    passes(
      [2, 3, 4],
      (b, q, scale, z) => {
        const [step, none] = [b.scalar(1 / 256), zero(b, 0)];
        const attributes = { axis: 1, opset: 13 };
        const inputs = [q, scale, z, step, none];
        const made = b.node('QLinearSoftmax', inputs, attributes, { domain: 'com.microsoft' })[0];
        return b.op('DequantizeLinear', [made, step, none]);
      },
      (b, x) => {
        // At the rounded input, where the gradient is taken.
        const inputs = [b.scalar(0.01), zero(b)];
        const rounded = b.op('DequantizeLinear', [b.op('QuantizeLinear', [x, ...inputs]), ...inputs]);
        return b.op('Softmax', [rounded], { axis: 1 });
      },
    ));

  test('a Where', () =>
    passes(
      [2, 3],
      (b, q, scale, z) => {
        const chosen = b.constant(tensor<'bool'>(Uint8Array.of(1, 0, 1), [3], 'bool'));
        const other = [b.constant(bytes([2, 3], 4)), b.scalar(0.02), zero(b, 90)];
        const step = b.scalar(0.0217);
        const made = b.node(
          'QLinearWhere',
          [chosen, q, scale, z, ...other, step, z],
          {},
          {
            domain: 'com.microsoft',
          },
        )[0];
        return b.op('DequantizeLinear', [made, step, z]);
      },
      (b, x) => {
        const chosen = b.constant(tensor<'bool'>(Uint8Array.of(1, 0, 1), [3], 'bool'));
        return b.op('Where', [chosen, x, b.scalar(0)]);
      },
    ));

  const weightOf = (b: GraphBuilder): string[] => [
    b.constant(bytes([5, 4], 3)),
    b.scalar(0.02),
    zero(b, 120),
  ];
  const realWeight = tensor(
    Float32Array.from(numbers(bytes([5, 4], 3)), (v) => 0.02 * (v - 120)),
    [5, 4],
  );
  test('a MatMul with a float result and a bias', () =>
    passes(
      [3, 5],
      (b, q, scale, z) => {
        const [w = '', sw = '', zw = ''] = weightOf(b);
        const inputs = [q, w, scale, sw, z, zw, b.constant(filled([4], 6))];
        return b.node('MatMulIntegerToFloat', inputs, {}, { domain: 'com.microsoft' })[0] as string;
      },
      (b, x) => b.op('MatMul', [x, b.constant(realWeight)]),
    ));

  test('a MatMul that quantises its input', () =>
    passes(
      [3, 5],
      (b, q, scale, z) => {
        const inputs = [b.op('DequantizeLinear', [q, scale, z]), ...weightOf(b)];
        return b.node('DynamicQuantizeMatMul', inputs, {}, { domain: 'com.microsoft' })[0] as string;
      },
      (b, x) => b.op('MatMul', [x, b.constant(realWeight)]),
    ));

  test('operators that move integers about', () =>
    passes(
      [2, 4, 3],
      (b, q, scale, z) => {
        const [low, high] = b.node('Split', [q, b.ints([1, 3])], { axis: 1 }, { outputs: 2 });
        const taken = b.op('Gather', [high, b.ints([2, 0, 0])], { axis: 1 });
        const joined = b.op(
          'Concat',
          [taken, low, b.op('Slice', [q, b.ints([1]), b.ints([2]), b.ints([1])])],
          {
            axis: 1,
          },
        );
        const tiled = b.op('Expand', [b.op('Unsqueeze', [joined, b.ints([0])]), b.ints([2, 1, 1, 1])]);
        return b.op('DequantizeLinear', [tiled, scale, z]);
      },
      (b, x) => {
        const rows = b.op('Gather', [x, b.ints([3, 1, 1, 0, 1])], { axis: 1 });
        return b.op('Expand', [b.op('Unsqueeze', [rows, b.ints([0])]), b.ints([2, 1, 1, 1])]);
      },
    ));

  test('an operator that computes with the integers themselves is refused', () => {
    const b = new GraphBuilder();
    const q = b.op('QuantizeLinear', [
      b.input('x', 'float32', [2, 3]),
      b.scalar(0.1),
      b.constant(scalar(0, 'int8')),
    ]);
    b.output(b.op('DequantizeLinear', [b.op('Relu', [q]), b.scalar(0.1)]), 'y');
    expect(() => gradient(b.finish(), { of: 'y', wrt: ['x'] })).toThrow(
      expect.objectContaining({
        code: 'NO_GRADIENT',
        message: 'No gradient rule for Relu between quantised tensors.',
      }),
    );
  });

  test('scales per block', async () => {
    const b = new GraphBuilder(undefined, { opset: 21 });
    const scales = filled([2, 3], 5);
    const s = b.constant(
      tensor(
        scales.data.map((v) => 0.01 + Math.abs(v) / 10),
        [2, 3],
      ),
    );
    const x = b.input('x', 'float32', [2, 6]);
    const attributes = { axis: 1, block_size: 2 };
    const q = b.op('QuantizeLinear', [x, s], { ...attributes, output_dtype: onnxType('int8') });
    b.output(b.op('DequantizeLinear', [q, s], attributes), 'y');
    const found = await outputsOf(gradient(b.finish(), { of: 'y', wrt: ['x'] }), {
      x: filled([2, 6], 1, 0.9),
    });
    expect(numbers(found['grad_x'] as AnyTensor).every((v) => v === 0 || Math.abs(v - 1) < 1e-6)).toBe(true);
    expect(numbers(found['grad_x'] as AnyTensor).filter((v) => v !== 0).length).toBeGreaterThan(6);
  });
});

describe('16-bit floats', () => {
  const half = (value: number): AnyTensor => scalar(value, 'float16');

  test('gradients that float16 would lose come through, in the types of the inputs', async () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float16', ['N', 2]);
    const w = b.constant(half(6e-5), 'w');
    b.output(b.op('Mul', [b.op('Mul', [b.op('Mul', [x, b.constant(half(6e4))]), w]), w]), 'y');
    const extended = gradient(b.finish(), { of: 'y', wrt: ['x', 'w'] });
    expect(extended.outputs.map((o) => [o.name, o.dtype])).toEqual([
      ['y', 'float16'],
      ['grad_x', 'float16'],
      ['grad_w', 'float32'],
    ]);
    expect(extended.initializers.get('w')?.dtype).toBe('float32');
    const values = tensor<'float16'>(Uint16Array.from([0.5, 1], toHalf), [1, 2], 'float16');
    const found = await outputsOf(extended, { x: values });
    for (const v of numbers(found['grad_x'] as AnyTensor)) expect(v).toBeCloseTo(6e4 * 6e-5 ** 2, 6);
    expect(numbers(found['grad_w'] as AnyTensor)[0]).toBeCloseTo(1.5 * 6e4 * 2 * 6e-5, 2);
  });

  test('graphs within nodes, constants in attributes, and an input that is an output', async () => {
    const loop = body(
      [
        ['i', 'int64', []],
        ['go', 'bool', []],
        ['h', 'float16', [2]],
      ],
      (inner, [, go, h]) => [
        go as string,
        inner.op('Add', [inner.op('Mul', [h, 'x']), inner.constant(half(1))]),
      ],
    );
    const b = new GraphBuilder();
    const x = b.input('x', 'float16', [2]);
    const filler: AttributeInput = {
      type: 'tensor',
      value: tensor<'float16'>(Uint16Array.of(toHalf(2)), [1], 'float16'),
    };
    const start = b.op('ConstantOfShape', [b.ints([2])], { value: filler });
    const wide = b.op(
      'Cast',
      [b.op('Loop', [b.constant(scalar(2, 'int64')), undefined, start], { body: loop })],
      {
        to: onnxType('float16'),
      },
    );
    b.output(wide, 'y');
    b.output(x);
    const extended = gradient(b.finish(), { of: 'y', wrt: ['x'] });
    const values = tensor<'float16'>(Uint16Array.from([0.5, 3], toHalf), [2], 'float16');
    const found = await outputsOf(extended, { x: values });
    // y = 2x² + x + 1
    expect(numbers(found['y'] as AnyTensor)).toEqual([2, 22]);
    expect(numbers(found['grad_x'] as AnyTensor)).toEqual([3, 13]);
    expect(numbers(found['x'] as AnyTensor)).toEqual([0.5, 3]);
  });
});
