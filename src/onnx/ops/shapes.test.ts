import { describe, expect, test } from 'vitest';
import type { AttributeInput } from '../attribute-input.ts';
import { GraphBuilder } from '../builder.ts';
import type { Shape } from '../graph.ts';

type Arguments = readonly (readonly number[] | undefined)[];

/** Shape that an operator gives an input of `shape`, its other inputs being 1-D integers. */
function inferred(
  op: string,
  shape: Shape,
  rest: Arguments = [],
  attributes: Record<string, AttributeInput> = {},
): Shape | undefined {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', shape);
  const inputs = rest.map((r) => (r === undefined ? undefined : b.ints(r)));
  return b.shape(b.op(op, [x, ...inputs], attributes));
}

const end = Number.MAX_SAFE_INTEGER;

describe('the batch symbol survives', () => {
  test.for<[string, Shape, Arguments, Record<string, AttributeInput>, Shape]>([
    ['Reshape', ['N', 12], [[-1, 4]], {}, ['3*N', 4]],
    ['Reshape', ['N', 3, 4], [[0, -1]], {}, ['N', 12]],
    ['Reshape', ['3*N', 4], [[-1, 12]], {}, ['N', 12]],
    ['Reshape', ['196*N', 'C'], [[-1, 196, 7]], {}, ['?1', 196, 7]],
    ['Reshape', ['N', 0], [[0, 5]], { allowzero: 1 }, [0, 5]],
    ['Flatten', ['N', 3, 4], [], {}, ['N', 12]],
    ['Flatten', ['N', 3, 4], [], { axis: -1 }, ['3*N', 4]],
    ['Transpose', ['N', 3, 4], [], { perm: [2, 0, 1] }, [4, 'N', 3]],
    ['Unsqueeze', ['N', 3], [[0, -1]], {}, [1, 'N', 3, 1]],
    ['Squeeze', ['N', 1, 3], [[1]], {}, ['N', 3]],
    [
      'Slice',
      ['N', 7],
      [
        [0, 5],
        [end, -10],
        [0, 1],
        [1, -2],
      ],
      {},
      ['N', 3],
    ],
    ['Slice', ['N', 7], [[-1], [-end], [0], [-1]], {}, ['N', 7]],
    ['Gather', ['N', 7, 2], [[0, -1]], { axis: 1 }, ['N', 2, 2]],
    ['Tile', ['N', 3], [[2, 2]], {}, ['2*N', 6]],
    ['Expand', ['N', 1], [[1, 5]], {}, ['N', 5]],
    ['DepthToSpace', ['N', 12, 2, 3], [], { blocksize: 2 }, ['N', 3, 4, 6]],
    ['SpaceToDepth', ['N', 3, 4, 6], [], { blocksize: 2 }, ['N', 12, 2, 3]],
    ['TopK', ['N', 9], [[3]], {}, ['N', 3]],
    ['ArgMax', ['N', 9], [], { axis: 1, keepdims: 0 }, ['N']],
    ['CenterCropPad', ['N', 6, 3], [[3, 6]], { axes: [1, 2] }, ['N', 3, 6]],
    [
      'Col2Im',
      ['N', 8, 6],
      [
        [3, 4],
        [2, 2],
      ],
      {},
      ['N', 2, 3, 4],
    ],
    ['Einsum', ['N', 3, 3], [], { equation: 'bii->ib' }, [3, 'N']],
  ])('%s of %j with %j', ([op, shape, rest, attributes, expected]) => {
    expect(inferred(op, shape, rest, attributes)).toEqual(expected);
  });

  test('Concat and Split', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 5]);
    expect(b.shape(b.op('Concat', [x, x], { axis: 0 }))).toEqual(['2*N', 5]);
    const parts = b.node('Split', [x], { axis: 1, num_outputs: 3 }, { outputs: 3 });
    expect(parts.map((p) => b.shape(p))).toEqual([
      ['N', 2],
      ['N', 2],
      ['N', 1],
    ]);
  });

  test('a shape computed in the graph, as exporters write a flatten', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 4, 3, 2]);
    const batch = b.op('Gather', [b.op('Shape', [x]), b.scalar(0, 'int64')]);
    const target = b.op('Concat', [b.op('Unsqueeze', [batch, b.ints([0])]), b.ints([-1])], { axis: 0 });
    expect(b.shape(b.op('Reshape', [x, target]))).toEqual(['N', 24]);
    const token = b.constant({ dtype: 'float32', shape: [1, 1, 4], data: new Float32Array(4) });
    const sizes = b.op('Concat', [b.op('Unsqueeze', [batch, b.ints([0])]), b.ints([1, 1])], { axis: 0 });
    const tokens = b.op('Expand', [token, sizes]);
    expect(b.shape(tokens)).toEqual(['N', 1, 4]);
  });
});

describe('integers computed in the graph', () => {
  test('follow Size, Range, Slice, Split and ConstantOfShape', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 4, 3]);
    const shape = b.op('Shape', [x]);
    expect(b.contents(b.op('Size', [x]))).toEqual(['12*N']);
    expect(
      b.contents(b.op('Slice', [shape, b.ints([-1]), b.ints([-10]), b.ints([0]), b.ints([-2])])),
    ).toEqual([3, 'N']);
    expect(b.contents(b.node('Split', [shape, b.ints([2, 1])], {}, { outputs: 2 })[0] as string)).toEqual([
      'N',
      4,
    ]);
    const counted = b.op('Range', [b.scalar(5, 'int64'), b.scalar(0, 'int64'), b.scalar(-2, 'int64')]);
    expect(b.contents(counted)).toEqual([5, 3, 1]);
    const ones = b.op('ConstantOfShape', [b.ints([2])], {
      value: { type: 'tensor', value: { dtype: 'int64', shape: [1], data: new BigInt64Array([7n]) } },
    });
    expect(b.contents(ones)).toEqual([7, 7]);
  });

  test('a computed size beside the batch symbol stays open, not wrong', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 4]);
    const asked = b.input('asked', 'int64', [1]);
    const target = b.op('Concat', [b.op('Shape', [x], { end: 1 }), asked], { axis: 0 });
    const shape = b.shape(b.op('Reshape', [x, target])) as Shape;
    expect(shape[0]).toBe('N');
    expect(shape[1]).toMatch(/^\?/);
  });
});

describe('what cannot be right is an error that names the node', () => {
  test.for<[string, Shape, Arguments, Record<string, AttributeInput>, string]>([
    ['Reshape', [2, 5], [[3, -1]], {}, '[2, 5] cannot be reshaped to [3, -1]: the sizes differ'],
    ['Reshape', [2, 5], [[-1, -1]], {}, 'the shape [-1, -1] leaves two sizes open'],
    ['Squeeze', [2, 5], [[1]], {}, 'axis 1 of [2, 5] has more than one index'],
    ['Transpose', [2, 5], [], { perm: [0, 2] }, 'perm [0, 2] does not fit rank 2'],
    ['Gather', [2, 5], [[5]], { axis: 1 }, 'index 5 is outside axis 1 of size 5'],
    ['Flatten', [2, 5], [], { axis: 3 }, 'axis 3 is outside rank 2'],
    ['Expand', [2, 5], [[3, 5]], {}, '[2, 5] does not expand to [3, 5]'],
  ])('%s of %j with %j', ([op, shape, rest, attributes, message]) => {
    expect(() => inferred(op, shape, rest, attributes)).toThrow(
      expect.objectContaining({
        code: 'GRAPH_SHAPE',
        message: `${op} does not fit what it is given: ${message}.`,
        where: `node ${op} "${op}"`,
        remedy: 'Check the model with its exporter: the shapes of its tensors contradict each other.',
      }),
    );
  });
});

describe('of inputs that are known by half', () => {
  test('Conv takes the size of its kernel from the attribute where the weight has no shape', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 3, 9, 9]);
    const w = b.input('w', 'float32', undefined);
    const out = b.shape(b.op('Conv', [x, w], { kernel_shape: [3, 5] }));
    expect(out?.slice(2)).toEqual([7, 5]);
  });

  test('Col2Im has the rank of its image where that is computed as it runs', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 8, 6]);
    const image = b.input('image', 'int64', [2]);
    const out = b.shape(b.op('Col2Im', [x, image, b.ints([2, 2])]));
    expect(out).toHaveLength(4);
    expect(out?.slice(0, 2)).toEqual(['N', 2]);
  });
});
