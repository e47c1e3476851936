import { emitConv } from '../../src/autodiff/conv/emit-conv.ts';
import { interleave } from '../../src/autodiff/conv/interleave.ts';
import { swapWeight } from '../../src/autodiff/conv/swap-weight.ts';
import { add, mul } from '../../src/autodiff/emit.ts';
import { enlarge } from '../../src/autodiff/pool/enlarge.ts';
import { conv, inserted, phases, transposed } from './conv.ts';
import { asChosen, convolve, type Formulation, type Site, type Subject } from './subject.ts';

type Builder = Site['b'];

/** Zeros behind every element along both axes. */
function padded(b: Builder, x: string): string {
  const [, channels, height, width] = b.shape(x) as [unknown, number, number, number];
  const cells = b.op('Reshape', [x, b.ints([0, channels, height, 1, width, 1])]);
  const wide = b.op('Pad', [cells, b.ints([0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1])]);
  return b.op('Reshape', [wide, b.ints([0, channels, 2 * height, 2 * width])]);
}

function gridded(b: Builder, x: string): string {
  const [, , height, width] = b.shape(x) as [unknown, unknown, number, number];
  const data = Float32Array.from({ length: 4 * height * width }, (_, i) =>
    Math.floor(i / (2 * width)) % 2 === 0 && i % 2 === 0 ? 1 : 0,
  );
  const shape = [1, 1, 2 * height, 2 * width];
  return mul(b, enlarge(b, x, [2, 2]), b.constant({ dtype: 'float32', shape, data }, 'grid'));
}

function withZeros(b: Builder, x: string): string {
  const zeros = mul(b, x, b.constant({ dtype: 'float32', shape: [], data: new Float32Array(1) }, 'zero'));
  return interleave(b, [
    [x, zeros],
    [zeros, zeros],
  ]);
}

const slices: Formulation[] = [
  { name: 'one phase', write: asChosen },
  { name: 'interleaved with zeros', write: ({ b, dy }) => withZeros(b, dy) },
  { name: 'Pad', write: ({ b, dy }) => padded(b, dy) },
  { name: 'Resize and a static mask', write: ({ b, dy }) => gridded(b, dy) },
];

const pointwise = (name: string, spread: (b: Builder, x: string) => string): Formulation =>
  conv(name, (b, dy, w) => {
    const none = [0, 0];
    return spread(b, emitConv(b, dy, swapWeight(b, w, 1, [[0], [0]]), { begin: none, end: none }));
  });

const shortcuts: Formulation[] = [
  { ...phases, name: 'Conv, one phase' },
  pointwise('Conv, interleaved with zeros', withZeros),
  pointwise('Conv, Pad', padded),
  pointwise('Conv, Resize and a static mask', gridded),
  inserted,
  transposed,
];

const slice = (batch: number, channels: number, size: number): Subject => ({
  operator: 'Slice of images, step 2',
  shape: `[${batch},${channels},${size},${size}]`,
  inputs: [[batch, channels, size, size]],
  operate: (b, [x]) =>
    b.op('Slice', [x, b.ints([0, 0]), b.ints([size, size]), b.ints([2, 3]), b.ints([2, 2])]),
  formulations: slices,
});

const shortcut = (batch: number, cin: number, size: number): Subject => ({
  operator: 'Conv 1x1 / 2',
  shape: `[${batch},${cin},${size},${size}] to ${2 * cin}`,
  inputs: [[batch, cin, size, size]],
  operate: (b, [x]) => convolve(b, x as string, 2 * cin, 1, { stride: 2 }),
  formulations: shortcuts,
});

/** As in a residual block: the same input goes through a 3 x 3 Conv with the same stride. */
function inBlock(subject: Subject): Subject {
  const beside = (b: Builder, x: string, y: string): string =>
    add(b, convolve(b, x, b.shape(y)?.[1] as number, 3, { stride: 2 }), y);
  return { ...subject, operator: `${subject.operator}, beside Conv 3x3 / 2`, beside };
}

const alone = [slice(16, 16, 32), slice(4, 64, 56), shortcut(16, 16, 32), shortcut(4, 64, 56)];

export const strides: Subject[] = [...alone, ...alone.map(inBlock)];
