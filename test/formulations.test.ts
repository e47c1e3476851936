import { describe, expect, test } from 'vitest';
import { fromPhases } from '../src/autodiff/composed.ts';
import { blockConvs } from '../src/autodiff/conv/blocks.ts';
import { flippedConv } from '../src/autodiff/conv/flipped.ts';
import { type ConvGeometry, convGeometry } from '../src/autodiff/conv/geometry.ts';
import { insertedConv } from '../src/autodiff/conv/insertion.ts';
import { phaseConvs } from '../src/autodiff/conv/phases.ts';
import { transposedConv } from '../src/autodiff/conv/transposed.ts';
import { resizeMatrix } from '../src/autodiff/linear/resize-matrix.ts';
import { canCompare, compareMaxima } from '../src/autodiff/pool/compare.ts';
import { scatterMaxima } from '../src/autodiff/pool/scatter.ts';
import { pick } from '../src/autodiff/pool/shift.ts';
import { GraphBuilder, windowsOf } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { Tensor } from '../src/tensor/index.ts';
import { sizeOf, tensor } from '../src/tensor/index.ts';

// Fast formulations against the plain ones, which the reference gradients hold.

/** Deterministic numbers in [0, 1). */
function uniform(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  });
}

function filled(shape: readonly number[], seed: number): Tensor {
  return tensor(
    Float32Array.from(uniform(sizeOf(shape), seed), (v) => v - 0.5),
    shape,
  );
}

async function outputs(b: GraphBuilder, inputs: Record<string, Tensor>): Promise<Tensor[]> {
  const session = await createSession(b.finish(), { name: 'formulations' });
  const results = Object.values(await session.run(inputs));
  await session.release();
  return results as Tensor[];
}

function difference(p: Tensor | undefined, q: Tensor | undefined): number {
  expect(p?.shape).toEqual(q?.shape);
  return Math.max(...Array.from(p?.data ?? [], (v, i) => Math.abs(v - (q?.data[i] ?? Number.NaN))));
}

interface ConvCase {
  cin: number;
  cout: number;
  kernel: readonly [number, number];
  strides: readonly [number, number];
  pads: readonly number[];
  size: readonly [number, number];
  group?: number;
  dilations?: readonly [number, number];
}

type Formulation = (b: GraphBuilder, dy: string, w: string, g: ConvGeometry) => string;

async function againstTransposed(formulation: Formulation, c: ConvCase, constant: boolean): Promise<number> {
  const b = new GraphBuilder();
  const group = c.group ?? 1;
  const x = b.input('x', 'float32', ['N', c.cin, ...c.size]);
  const weight = filled([c.cout, c.cin / group, ...c.kernel], 3);
  const w = constant ? b.constant(weight, 'w') : b.input('w', 'float32', weight.shape);
  const { strides, pads, dilations = [1, 1] } = c;
  const y = b.op('Conv', [x, w], { group, strides, pads, dilations });
  const node = b.nodes.at(-1);
  if (node === undefined) throw new Error('no node');
  const g = convGeometry(b, node);
  const dy = b.input('dy', 'float32', ['N', c.cout, ...g.output]);
  b.output(y);
  b.output(formulation(b, dy, w, g));
  b.output(transposedConv(b, dy, w, g));
  const feeds = { x: filled([2, c.cin, ...c.size], 1), dy: filled([2, c.cout, ...g.output], 2) };
  const [, fast, plain] = await outputs(b, constant ? feeds : { ...feeds, w: weight });
  return difference(fast, plain);
}

/** `dy` as its four phases, which one-hot convolutions pick. */
function byPhases(b: GraphBuilder, dy: string): string {
  const sizes = b.shape(dy)?.slice(2) as [number, number];
  const along = (axis: 0 | 1, offset: number) => {
    const inputs = sizes[axis];
    return { offset, stride: 2, inputs, outputs: Math.ceil(inputs / 2) };
  };
  const parts = [0, 1].map((r) => [0, 1].map((c) => pick(b, dy, along(0, r), along(1, c), 1)));
  return fromPhases(b, { parts, sizes, clean: true });
}

const strided: ConvCase[] = [
  { cin: 16, cout: 32, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], size: [8, 9] },
  { cin: 16, cout: 16, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], size: [8, 7] },
  { cin: 5, cout: 4, kernel: [5, 2], strides: [2, 2], pads: [2, 0, 1, 1], size: [9, 8] },
  { cin: 4, cout: 3, kernel: [3, 3], strides: [1, 2], pads: [2, 3, 0, 2], size: [6, 7] },
  { cin: 3, cout: 2, kernel: [3, 4], strides: [3, 2], pads: [0, 0, 0, 0], size: [11, 8] },
];

describe('gradient of Conv by its input, against ConvTranspose', () => {
  test.for(strided.flatMap((c) => [true, false].map((k) => [c, k] as const)))(
    'phases %j',
    async ([c, constant]) => {
      expect(await againstTransposed(phaseConvs, c, constant)).toBeLessThan(1e-5);
    },
  );

  test.for<ConvCase>([
    { cin: 16, cout: 16, group: 16, kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], size: [8, 9] },
    { cin: 16, cout: 16, group: 16, kernel: [7, 5], strides: [2, 2], pads: [3, 2, 3, 2], size: [10, 7] },
    { cin: 4, cout: 8, group: 4, kernel: [3, 3], strides: [2, 1], pads: [0, 0, 1, 1], size: [9, 8] },
    { cin: 4, cout: 4, group: 4, kernel: [2, 2], strides: [3, 3], pads: [0, 0, 0, 0], size: [10, 11] },
  ])('zero insertion %j', async (c) => {
    expect(await againstTransposed(insertedConv, c, true)).toBeLessThan(1e-5);
  });

  test.for<ConvCase>([
    { cin: 3, cout: 8, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], size: [9, 12] },
    { cin: 3, cout: 8, kernel: [3, 3], strides: [2, 2], pads: [0, 0, 1, 1], size: [12, 13] },
    { cin: 1, cout: 5, kernel: [5, 4], strides: [1, 2], pads: [2, 0, 2, 3], size: [11, 10] },
    { cin: 4, cout: 3, kernel: [7, 7], strides: [2, 2], pads: [3, 3, 3, 3], size: [16, 14] },
  ])('blocks %j', async (c) => {
    expect(await againstTransposed(blockConvs, c, true)).toBeLessThan(1e-5);
    const inPhases: Formulation = (b, dy, w, g) => blockConvs(b, byPhases(b, dy), w, g);
    expect(await againstTransposed(inPhases, c, true)).toBeLessThan(1e-5);
  });

  test.for<ConvCase>([
    { cin: 16, cout: 8, kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], size: [6, 7] },
    {
      cin: 4,
      cout: 6,
      group: 2,
      kernel: [3, 2],
      strides: [1, 1],
      pads: [0, 2, 1, 0],
      size: [6, 7],
      dilations: [2, 1],
    },
    { cin: 2, cout: 3, kernel: [1, 1], strides: [1, 1], pads: [1, 2, 0, 1], size: [4, 5] },
  ])('flipped weight %j', async (c) => {
    for (const constant of [true, false])
      expect(await againstTransposed(flippedConv, c, constant)).toBeLessThan(1e-5);
  });
});

describe('gradient of MaxPool by comparison, against indices: small whole numbers, so that most windows tie', () => {
  const cases = [2, 3].flatMap((k) =>
    [1, 2].flatMap((stride) =>
      [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [0, 0, 1, 1],
      ].flatMap((pads) =>
        [0, 1].flatMap((ceil) => [false, true].map((gated) => ({ k, stride, pads, ceil, gated }))),
      ),
    ),
  );
  test.for(cases)('%j', async ({ k, stride, pads, ceil, gated }) => {
    for (const size of [
      [8, 8],
      [7, 10],
    ] as const) {
      const b = new GraphBuilder();
      const given = b.input('x', 'float32', ['N', 16, ...size]);
      const x = gated ? b.op('Relu', [given]) : given;
      const attributes = { kernel_shape: [k, k], strides: [stride, stride], pads, ceil_mode: ceil };
      const y = b.op('MaxPool', [x], attributes);
      const node = b.nodes.at(-1);
      const windows = node === undefined ? undefined : windowsOf(node, [k, k], size);
      if (node === undefined || windows === undefined) throw new Error('no windows');
      if (!canCompare(b, x, y, windows)) continue;
      const out = b.shape(y)?.slice(2) as number[];
      const weights = b.input('dy', 'float32', ['N', 16, ...out]);
      const dy = gated ? b.op('Mul', [weights, b.op('Sign', [y])]) : weights;
      b.output(compareMaxima(b, x, y, dy, windows, gated));
      b.output(scatterMaxima(b, node, x, dy));
      // All below zero, or most at zero: padding must not win.
      const offset = gated ? -1 : -4;
      const values = Float32Array.from(uniform(2 * 16 * sizeOf(size), 5), (v) => Math.floor(3 * v) + offset);
      const feeds = { x: tensor(values, [2, 16, ...size]), dy: filled([2, 16, ...out], 6) };
      const [fast, plain] = await outputs(b, feeds);
      expect(difference(fast, plain)).toBeLessThan(1e-6);
    }
  });

  test('covers the pools of the usual networks', () => {
    for (const [k, size, pads, ceil] of [
      [2, 112, 0, 0],
      [3, 111, 0, 1],
      [3, 112, 1, 0],
    ] as const) {
      const b = new GraphBuilder();
      const x = b.input('x', 'float32', ['N', 64, size, size]);
      const attributes = {
        kernel_shape: [k, k],
        strides: [2, 2],
        pads: Array(4).fill(pads) as number[],
        ceil_mode: ceil,
      };
      const y = b.op('MaxPool', [x], attributes);
      const node = b.nodes.at(-1);
      const windows = node === undefined ? undefined : windowsOf(node, [k, k], [size, size]);
      expect(windows !== undefined && canCompare(b, x, y, windows)).toBe(true);
    }
  });
});

describe('interpolation matrices, against Resize of unit vectors', () => {
  const coordinates = [
    'half_pixel',
    'pytorch_half_pixel',
    'align_corners',
    'asymmetric',
    'half_pixel_symmetric',
  ];
  const nearest = ['floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'];
  const cases = coordinates.flatMap((coordinate) => [
    ...nearest.map((mode) => ({
      coordinate,
      mode: 'nearest' as const,
      nearestMode: mode,
      antialias: 0,
      exclude: 0,
    })),
    ...(['linear', 'cubic'] as const).flatMap((mode) =>
      [0, 1].flatMap((antialias) =>
        (mode === 'cubic' ? [0, 1] : [0]).map((exclude) => ({
          coordinate,
          mode,
          nearestMode: 'floor',
          antialias,
          exclude,
        })),
      ),
    ),
  ]);
  test.for(cases)('%j', async ({ coordinate, mode, nearestMode, antialias, exclude }) => {
    for (const [inputs, outputsWanted] of [
      [5, 8],
      [8, 3],
      [4, 12],
      [7, 7],
      [6, 1],
    ] as const) {
      const b = new GraphBuilder();
      const x = b.input('x', 'float32', [inputs, 1, inputs, 4]);
      const y = b.op('Resize', [x, undefined, undefined, b.ints([inputs, 1, outputsWanted, 4])], {
        mode,
        coordinate_transformation_mode: coordinate,
        nearest_mode: nearestMode,
        antialias,
        exclude_outside: exclude,
      });
      b.output(y);
      const units = new Float32Array(inputs * inputs * 4);
      for (let i = 0; i < inputs; i++) units.fill(1, (i * inputs + i) * 4, (i * inputs + i + 1) * 4);
      const [result] = await outputs(b, { x: tensor(units, [inputs, 1, inputs, 4]) });
      const matrix = resizeMatrix({
        inputs,
        outputs: outputsWanted,
        scale: Math.fround(outputsWanted / inputs),
        mode,
        coordinates: coordinate,
        nearestMode,
        region: [0, 1],
        cubicCoefficient: -0.75,
        excludeOutside: exclude === 1,
        antialias: antialias === 1,
      });
      for (let j = 0; j < inputs; j++)
        for (let i = 0; i < outputsWanted; i++)
          expect(
            Math.abs(
              (result?.data[(j * outputsWanted + i) * 4] as number) -
                (matrix.values[i * inputs + j] as number),
            ),
            `${inputs} to ${outputsWanted}, output ${i}, input ${j}`,
          ).toBeLessThan(1e-5);
    }
  });
});
