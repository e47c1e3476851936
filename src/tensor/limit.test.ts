import { describe, expect, test } from 'vitest';
import {
  type AdvarenaError,
  distances,
  type Images,
  type LimitSpec,
  limitOf,
  norms,
  randomOf,
  type Tensor,
  tensor,
  toFloat,
  toUint8,
} from './index.ts';

const float32 = { pixels: 'float32' } as const;

/** One row of images, [1, channels, height, width]. */
function image(shape: readonly [number, number, number], ...values: number[]): Images {
  return tensor(Float32Array.from(values), [1, ...shape]);
}

/** All 256 levels, as one row. */
const levels = toFloat(
  tensor(
    Uint8Array.from({ length: 256 }, (_, level) => level),
    [1, 1, 16, 16],
    'uint8',
  ),
);

/** After one step on a copy. */
function stepped(
  spec: LimitSpec,
  clean: Images,
  g: readonly number[],
  size: number,
  options: { entries?: number } = {},
): number[] {
  const limit = limitOf(spec, clean, float32);
  const x = tensor(clean.data.slice(), clean.shape);
  limit.step(x, tensor(Float32Array.from(g), clean.shape), [size], options);
  return [...x.data];
}

describe('limitOf', () => {
  const half = image([1, 2, 2], 0, 0, 0, 0);
  const refusal = (spec: LimitSpec, masks?: Tensor<'uint8'>, clean = half): string => {
    try {
      limitOf(spec, clean, masks === undefined ? {} : { masks });
    } catch (error) {
      const { code, where, message, remedy } = error as AdvarenaError;
      return `${code}${where === undefined ? '' : ` ${where}`}: ${message} | ${remedy}`;
    }
    return 'none';
  };
  const masks = (values: number[], shape = [1, 1, 2, 2]): Tensor<'uint8'> =>
    tensor(Uint8Array.from(values), shape, 'uint8');

  test('refuses an epsilon that is none', () => {
    for (const epsilon of [0, -1, Number.NaN, Infinity])
      for (const norm of norms) expect(refusal({ norm, epsilon })).toMatch(/^EPSILON: /);
    expect(refusal({ norm: 'linf', epsilon: 8 })).toBe(
      'EPSILON: epsilon is 8. | Give a positive number in pixel units of [0,1], at most 1, such as 8/255.',
    );
    expect(refusal({ norm: 'l0', epsilon: 1.5 })).toBe(
      'EPSILON: epsilon is 1.5. | Give a whole number of pixels, such as 5.',
    );
    expect(refusal({ norm: 'l0-entries', epsilon: 1.5 })).toBe(
      'EPSILON: epsilon is 1.5. | Give a whole number of entries, such as 5.',
    );
    expect(refusal({ norm: 'l2', epsilon: 8 })).toBe('none');
    for (const norm of norms) {
      expect(refusal({ norm, epsilon: 1 })).toBe('none');
      expect(refusal({ norm, epsilon: 'free' })).toBe('none');
    }
  });

  test('refuses masks and shares that are none', () => {
    const mask: LimitSpec = { norm: 'linf', epsilon: 'free', region: 'mask' };
    expect(refusal(mask)).toBe(
      'REGION: The limit is a region by masks, and there are none. | Give masks, uint8 [1, 1, 2, 2], 1 where pixels may change.',
    );
    expect(refusal(mask, masks([1, 1, 1, 1], [1, 4]))).toBe(
      'REGION: The masks are uint8 [1, 4]. | Give uint8 [1, 1, 2, 2], as the images are.',
    );
    expect(refusal(mask, masks([1, 0, 2, 0]))).toBe(
      'REGION row 0: A mask holds 2. | Masks are 0, and 1 where pixels may change, which at least one may.',
    );
    expect(refusal(mask, masks([0, 0, 0, 0]))).toBe(
      'REGION row 0: A mask is empty. | Masks are 0, and 1 where pixels may change, which at least one may.',
    );
    expect(refusal(mask, masks([0, 0, 0, 1]))).toBe('none');
    for (const share of [0, -1, 1.5, Number.NaN])
      expect(refusal({ ...mask, region: { share } })).toBe(
        `REGION: The share of a region is ${share}. | Give a share of the area above 0 and at most 1.`,
      );
    expect(refusal({ ...mask, region: { share: 1 } })).toBe('none');
    expect(refusal({ ...mask, region: { share: 1 } }, undefined, tensor(new Float32Array(4), [1, 4]))).toBe(
      'REGION: Tensors of shape [1, 4] have no region. | Give images [N, C, H, W].',
    );
  });

  test('refuses clean images between the levels that they are judged in', () => {
    expect(refusal({ norm: 'linf', epsilon: 0.1 }, undefined, image([1, 1, 2], 0, 0.3))).toBe(
      'PIXELS: The clean images hold values between the levels of 1/255. | Round them to 8 bits, or judge without rounding: --pixels float32 (pixels: "float32").',
    );
  });

  test('refuses images of another shape, and rows, radii and sizes that are none', () => {
    const limit = limitOf({ norm: 'l0', epsilon: 1 }, half);
    const other = tensor(new Float32Array(4), [1, 1, 1, 4]);
    const short = { ...half, data: half.data.subarray(1) };
    for (const wrong of [other, short])
      for (const call of [
        () => limit.project(wrong),
        () => limit.judged(wrong),
        () => limit.distance(wrong),
        () => limit.outside(wrong),
        () => limit.step(half, wrong, [1]),
        () => limit.step(wrong, half, [1]),
      ])
        expect(call).toThrow(RangeError);
    for (const call of [
      () => limit.take([1]),
      () => limit.take([-1]),
      () => limit.take([0.5]),
      () => limit.within([1, 1]),
      () => limit.within([-1]),
      () => limit.within([Number.NaN]),
      () => limit.step(half, half, []),
      () => limit.step(half, half, [0.5]),
      () => limit.step(half, half, [Number.NaN]),
      () => limit.step(half, half, [1], { entries: 0 }),
    ])
      expect(call).toThrow(RangeError);
  });
});

test('whoever holds a limit can change nothing of it', () => {
  const numbers = randomOf(1, 'limit').stream('', 'hostile');
  const clean = toFloat(
    toUint8(
      tensor(
        new Float32Array(32).map(() => numbers.uniform()),
        [2, 1, 4, 4],
      ),
    ),
  );
  const masks = tensor(new Uint8Array(32).fill(1), [2, 1, 4, 4], 'uint8');
  const proposal = tensor(
    new Float32Array(32).map(() => numbers.uniform()),
    [2, 1, 4, 4],
  );
  for (const region of [undefined, 'mask', { share: 0.5 }] as const) {
    const given = { norm: 'l2', epsilon: 0.5, ...(region === undefined ? {} : { region }) } as const;
    const [from, shape, bits] = [clean.data.slice(), [...clean.shape], masks.data.slice()];
    const limit = limitOf(given, { ...clean, shape, data: from }, { masks: { ...masks, data: bits } });
    const radii = Float64Array.of(0.5, 0.25);
    const narrow = limit.take([1, 0]).within(radii);
    const results = () =>
      [limit, narrow].flatMap((l) => [
        [...l.judged(proposal).data],
        [...l.distance(proposal)],
        [...l.outside(proposal)],
        [...l.radii],
        [l.spec],
      ]);
    const before = structuredClone(results());
    from.fill(0.5);
    shape.fill(1);
    bits.fill(0);
    radii.fill(9);
    Object.assign(given, { epsilon: 9 });
    if (typeof region === 'object') Object.assign(region, { share: 1 });
    limit.radii.fill(9);
    narrow.radii.fill(9);
    limit.judged(proposal).data.fill(0);
    limit.distance(proposal).fill(0);
    for (const held of [limit, limit.spec, ...(typeof region === 'object' ? [limit.spec.region] : [])]) {
      expect(Object.isFrozen(held)).toBe(true);
      for (const key of Object.keys(held as object))
        expect(() => Object.assign(held as object, { [key]: () => 0 })).toThrow(TypeError);
    }
    expect(results()).toEqual(before);
  }
});

describe('distances of what is judged', () => {
  test('8-bit: 8 levels are 8/255 to the bit, and rounding never leaves the radius', () => {
    const up = tensor(new Float32Array(256).fill(1), levels.shape);
    for (let k = 1; k <= 16; k++) {
      const limit = limitOf({ norm: 'linf', epsilon: k / 255 }, levels);
      const x = tensor(levels.data.slice(), levels.shape);
      limit.step(x, up, [1]);
      const judged = limit.judged(x);
      expect([...limit.distance(judged)]).toEqual([k / 255]);
      expect([...limit.outside(judged)]).toEqual([0]);
      expect([...toUint8(judged).data]).toEqual(Array.from({ length: 256 }, (_, i) => Math.min(255, i + k)));
    }
  });

  test('float32: printed by `distances` they are at most epsilon', () => {
    const down = tensor(new Float32Array(256).fill(-1), levels.shape);
    for (const norm of ['linf', 'l2', 'l1'] as const)
      for (let k = 1; k <= 16; k++) {
        const limit = limitOf({ norm, epsilon: k / 255 }, levels, float32);
        const x = tensor(levels.data.slice(), levels.shape);
        limit.step(x, down, [0.2], { entries: 100 });
        const [d] = distances(limit.judged(x), levels, norm);
        expect(d).toBeLessThanOrEqual(k / 255);
        expect(d).toBeGreaterThan((k / 255) * (1 - 1e-4));
        expect([...limit.distance(x)]).toEqual([...distances(x, levels, norm)]);
      }
  });

  test('an epsilon below a level lets nothing move', () => {
    const limit = limitOf({ norm: 'linf', epsilon: 1 / 256 }, levels);
    const x = tensor(levels.data.slice(), levels.shape);
    limit.step(x, tensor(new Float32Array(256).fill(1), levels.shape), [1]);
    expect(limit.judged(x).data).toEqual(levels.data);
  });

  test('free: the nearest level', () => {
    const limit = limitOf({ norm: 'l2', epsilon: 'free' }, image([1, 1, 4], 0, 0, 1, 1));
    const judged = limit.judged(image([1, 1, 4], 0.5, -1, Number.NaN, 100.4 / 255));
    expect([...toUint8(judged).data]).toEqual([128, 0, 255, 100]);
    expect([...limit.radii]).toEqual([Infinity]);
  });

  test('the border of the ball has a tolerance; counts, range and region have none', () => {
    const clean = image([1, 1, 2], 0.5, 1);
    const outside = (spec: LimitSpec, ...x: number[]): number[] => [
      ...limitOf(spec, clean, {
        ...float32,
        masks: tensor(Uint8Array.of(1, 0), [1, 1, 1, 2], 'uint8'),
      }).outside(image([1, 1, 2], ...x)),
    ];
    expect(outside({ norm: 'linf', epsilon: 0.1 }, 0.600005, 1)).toEqual([0]);
    expect(outside({ norm: 'linf', epsilon: 0.1 }, 0.60002, 1)).toEqual([1]);
    expect(outside({ norm: 'l0', epsilon: 1 }, 0.6, 1)).toEqual([0]);
    expect(outside({ norm: 'l0', epsilon: 1 }, 0.6, 0.9)).toEqual([1]);
    expect(outside({ norm: 'linf', epsilon: 'free' }, 0.5, 1.0000001)).toEqual([1]);
    expect(outside({ norm: 'linf', epsilon: 'free' }, Number.NaN, 1)).toEqual([1]);
    expect(outside({ norm: 'linf', epsilon: 'free', region: 'mask' }, 0.1, 1)).toEqual([0]);
    expect(outside({ norm: 'linf', epsilon: 'free', region: 'mask' }, 0.1, 0.9999999)).toEqual([1]);
    expect(outside({ norm: 'linf', epsilon: 'free', region: { share: 0.5 } }, 0.1, 1)).toEqual([0]);
    expect(outside({ norm: 'linf', epsilon: 'free', region: { share: 0.5 } }, 0.1, 0.9999999)).toEqual([1]);
  });
});

describe('step', () => {
  const free = (norm: LimitSpec['norm']): LimitSpec => ({ norm, epsilon: 'free' });
  const grey = image([2, 1, 3], ...Array.from({ length: 6 }, () => 0.5));

  test('linf: the sign, sign(0) = 0; negative sizes go down', () => {
    expect(stepped(free('linf'), grey, [3, -2, 0, Number.NaN, Infinity, -1e-45], 0.25)).toEqual([
      0.75, 0.25, 0.5, 0.5, 0.75, 0.25,
    ]);
    expect(stepped(free('linf'), grey, [3, -2, 0, 1, 1, 1], -0.25)).toEqual([
      0.25, 0.75, 0.5, 0.25, 0.25, 0.25,
    ]);
  });

  test('l2: along the gradient, however small or large it is', () => {
    for (const scale of [1, 1e-40, 1e37])
      expect(
        stepped(
          free('l2'),
          grey,
          [3, -4, 0, Number.NaN, 0, 0].map((g) => g * scale),
          0.5,
        ),
      ).toEqual(
        [0.8, 0.1, 0.5, 0.5, 0.5, 0.5].map((v) => expect.closeTo(v, scale === 1e-40 ? 5 : 6) as number),
      );
  });

  test('l1: on the largest entry, or in equal parts on the few largest; the first of equal ones', () => {
    expect(stepped(free('l1'), grey, [1, -2, 2, 0, 0, 0], 0.25)).toEqual([0.5, 0.25, 0.5, 0.5, 0.5, 0.5]);
    expect(stepped(free('l1'), grey, [1, -2, 2, 0, 0, 0], 0.25, { entries: 2 })).toEqual([
      0.5, 0.375, 0.625, 0.5, 0.5, 0.5,
    ]);
    expect(stepped(free('l1'), grey, [1, -2, 0, 0, 0, 0], 0.25, { entries: 4 })).toEqual([
      0.625, 0.375, 0.5, 0.5, 0.5, 0.5,
    ]);
  });

  test('l1: an entry at the end of the range that would leave it does not count', () => {
    const ends = image([1, 1, 4], 1, 0, 0.5, 0.5);
    expect(stepped(free('l1'), ends, [9, -9, 2, 1], 0.25)).toEqual([1, 0, 0.75, 0.5]);
    expect(stepped(free('l1'), ends, [9, -9, 2, 1], -0.25)).toEqual([0.75, 0, 0.5, 0.5]);
    expect(stepped(free('l1'), ends, [9, -9, 0, 0], 0.25)).toEqual([1, 0, 0.5, 0.5]);
  });

  test('l0: whole pixels of the largest gain go to the ends; l0-entries: entries', () => {
    const clean = image([2, 1, 3], 0.5, 0.9, 0.5, 0.5, 0.9, 0.5).data;
    const g = [1, 3, -1, 1, 3, 0.5];
    const from = image([2, 1, 3], ...clean);
    const ends = (norm: LimitSpec['norm'], size: number): number[] =>
      stepped(free(norm), from, g, size).map((v) => Number(v.toFixed(6)));
    // Gains of the pixels: 1, 0.6, 0.75; of the entries: 0.5, 0.3, 0.5, 0.5, 0.3, 0.25.
    expect(ends('l0', 1)).toEqual([1, 0.9, 0.5, 1, 0.9, 0.5]);
    expect(ends('l0', 2)).toEqual([1, 0.9, 0, 1, 0.9, 1]);
    expect(ends('l0-entries', 2)).toEqual([1, 0.9, 0, 0.5, 0.9, 0.5]);
    // Down, the pixel of 0.9 has the most room.
    expect(ends('l0', -1)).toEqual([0.5, 0, 0.5, 0.5, 0, 0.5]);
    expect(ends('l0', 0)).toEqual([0.5, 0.9, 0.5, 0.5, 0.9, 0.5]);
    // What lies outside the range has no room, and takes nothing from its pixel's other channels.
    const limit = limitOf(free('l0'), image([2, 1, 2], 0.5, 0.5, 0.5, 0.5), float32);
    const x = image([2, 1, 2], 3, 0.75, 0.5, 0.75);
    limit.step(x, image([2, 1, 2], 1, 0.5, 1, 0.5), [1]);
    expect([...x.data]).toEqual([1, 0.75, 1, 0.75]);
  });
});
