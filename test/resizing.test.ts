import { describe, expect, test } from 'vitest';
import { inspect } from '../src/autodiff/index.ts';
import type { AttributeInput, Shape } from '../src/onnx/index.ts';
import { float, GraphBuilder } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { int64, tensor } from '../src/tensor/index.ts';
import { agrees } from './agrees.ts';

// Resize whose sizes or scales are inputs of the graph, against the runtime's kernel.

const floats = (...values: number[]): AnyTensor => tensor(Float32Array.from(values), [values.length]);

/** The way that scales or sizes are given. */
type Way = readonly [string, { scales?: AnyTensor; sizes?: AnyTensor; roi?: AnyTensor }];

const ways: readonly Way[] = [
  ['larger by scales', { scales: floats(1, 1, 1.7, 2) }],
  ['smaller by scales', { scales: floats(1, 1, 0.6, 0.45) }],
  ['sizes', { sizes: int64([2, 3, 9, 4]) }],
  ['one output', { sizes: int64([2, 3, 1, 1]) }],
  ['its own size', { sizes: int64([2, 3, 5, 6]) }],
];

interface Asked {
  attributes: Record<string, AttributeInput>;
  given: Way[1];
  shape?: readonly number[];
  declared?: Shape;
}

function check({ attributes, given, shape = [2, 3, 5, 6], declared = shape }: Asked): Promise<void> {
  const feeds = Object.fromEntries(Object.entries(given).filter(([, t]) => t !== undefined));
  return agrees({ shape, declared, feeds, opset: 19 }, (b, x) => {
    const input = (name: keyof Way[1]): string | undefined => {
      const t = given[name];
      return t === undefined ? undefined : b.input(name, t.dtype, t.shape);
    };
    return b.op('Resize', [x, input('roi'), input('scales'), input('sizes')], attributes);
  });
}

const coordinates = [
  'half_pixel',
  'asymmetric',
  'align_corners',
  'pytorch_half_pixel',
  'half_pixel_symmetric',
];

describe.for(ways)('Resize to %s that an input gives', ([, given]) => {
  test.for(coordinates)('linear, %s', (mode) =>
    check({ attributes: { mode: 'linear', coordinate_transformation_mode: mode }, given }),
  );
  test.for(coordinates)('cubic, %s', (mode) =>
    check({ attributes: { mode: 'cubic', coordinate_transformation_mode: mode }, given }),
  );
  test.for(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'])('nearest, %s', (mode) =>
    check({ attributes: { mode: 'nearest', nearest_mode: mode }, given }),
  );
  test.for(['floor', 'ceil'])('nearest, tf_half_pixel_for_nn, %s', (mode) =>
    check({
      attributes: { coordinate_transformation_mode: 'tf_half_pixel_for_nn', nearest_mode: mode },
      given,
    }),
  );
  test.for(['linear', 'cubic'])('%s, antialiased', (mode) =>
    check({ attributes: { mode, antialias: 1 }, given }),
  );
  test('cubic without what lies outside', () =>
    check({ attributes: { mode: 'cubic', exclude_outside: 1, cubic_coeff_a: float(-0.5) }, given }));
});

describe('Resize with sizes known only at the run', () => {
  test('cut out by a region', () =>
    check({
      attributes: { mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize' },
      given: { sizes: int64([2, 3, 4, 7]), roi: floats(0, 0, 0.1, -0.2, 1, 1, 0.9, 0.7) },
    }));
  test.for(['not_larger', 'not_smaller'])('keeping the aspect ratio, %s', (policy) =>
    check({
      attributes: { mode: 'linear', axes: [2, 3], keep_aspect_ratio_policy: policy },
      given: { sizes: int64([9, 8]) },
    }),
  );
  test('of an image of free size by constant scales', () =>
    agrees({ shape: [2, 3, 5, 6], declared: ['N', 3, 'H', 'W'] }, (b, x) =>
      b.op('Resize', [x, undefined, b.constant(floats(1, 1, 1.7, 2))], { mode: 'linear' }),
    ));
  test('to the size of another map', () =>
    agrees({ shape: [2, 3, 6, 6], declared: ['N', 3, 'H', 'W'], second: true }, (b, x) => {
      const small = b.op('Resize', [x, undefined, b.constant(floats(1, 1, 0.5, 0.5))]);
      return b.op('Mul', [
        b.op('Resize', [small, undefined, undefined, b.op('Shape', [x])], { mode: 'linear' }),
        x,
      ]);
    }));
  test('channels last', () =>
    check({
      attributes: { mode: 'linear', coordinate_transformation_mode: 'asymmetric' },
      shape: [2, 5, 6, 3],
      given: { scales: floats(1, 1.7, 2, 1) },
    }));
  test('three axes', () =>
    check({
      attributes: { mode: 'linear' },
      shape: [2, 3, 4, 5, 6],
      given: { sizes: int64([2, 3, 6, 3, 9]) },
    }));
  test.for([[7], [4, 7], [3, 4, 7]])('of an image of shape %j, the first axis too', (shape) =>
    check({ attributes: {}, shape, given: { scales: floats(...shape.map(() => 1.6)) } }),
  );
  test('an input of unknown rank is refused, and inspect knows', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 3, 4, 4]);
    const y = b.op('Reshape', [x, b.input('shape', 'int64', ['R'])]);
    const z = b.op('Resize', [y, undefined, b.constant(floats(1, 1, 2, 2))]);
    b.output(z, 'z');
    expect(inspect(b.finish()).blocking.map((found) => found.operator)).toEqual(['Resize']);
  });
});
