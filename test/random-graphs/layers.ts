import type { AttributeInput } from '../../src/onnx/index.ts';
import { float } from '../../src/onnx/index.ts';
import type { Maker } from './maker.ts';
import { isImage, maker, rank, spatial } from './maker.ts';
import type { Program } from './program.ts';

interface Window {
  kernel: number[];
  attributes: Record<string, AttributeInput | undefined>;
}

/** A window that fits the feature map at least once. @param options which attributes may be drawn */
function windows(
  p: Program,
  x: string,
  options: { dilated: boolean; padded: 'freely' | 'less than kernel'; ceil?: boolean },
): Window | undefined {
  const sizes = spatial(p, x);
  const kernel = sizes.map((d) => p.draw.int(1, Math.min(d + 1, 4)));
  const dilations = sizes.map(() => (options.dilated && p.rarely(4) ? 2 : 1));
  const strides = sizes.map(() => (p.rarely(2) ? p.draw.int(2, 3) : 1));
  const most = (k: number): number => (options.padded === 'freely' ? 3 : Math.min(k - 1, 2));
  const span = kernel.map((k, i) => (k - 1) * (dilations[i] as number) + 1);
  // The runtime refuses automatic padding of pools whose windows leave gaps.
  const gaps = options.padded !== 'freely' && strides.some((s, i) => s > (kernel[i] as number));
  const automatic = p.rarely(6) && dilations.every((d) => d === 1) && !gaps;
  const pads = p.rarely(2)
    ? [...kernel, ...kernel].map((k) => p.draw.int(0, most(k)))
    : sizes.flatMap(() => []);
  const total = sizes.map((d, i) => d + (pads[i] ?? 0) + (pads[sizes.length + i] ?? 0));
  if (span.some((s, i) => s > (automatic ? (sizes[i] as number) : (total[i] as number)))) return undefined;
  // Where the last window would start in the padding, the runtime's shapes of older opsets count it, its kernels do not.
  const overhangs = sizes.some((d, i) => {
    const room = (total[i] as number) - (span[i] as number);
    const stride = strides[i] as number;
    return Math.ceil(room / stride) * stride >= d + (pads[i] ?? 0);
  });
  const ceil = options.ceil && p.rarely(3) && !(overhangs && p.options.opset < 22);
  return {
    kernel,
    attributes: {
      kernel_shape: kernel,
      strides: strides.some((s) => s > 1) || p.rarely(3) ? strides : undefined,
      dilations: dilations.some((d) => d > 1) ? dilations : undefined,
      ...(automatic
        ? { auto_pad: p.pick(['SAME_UPPER', 'SAME_LOWER', 'VALID']) }
        : { pads: pads.length > 0 ? pads : undefined, ceil_mode: ceil ? 1 : undefined }),
    },
  };
}

/** Channels in groups: the number of groups, and channels per group on the other side. */
function grouping(p: Program, channels: number): [group: number, each: number] {
  const divisors = [1, 2, 3, 4, 5, 6].filter((d) => channels % d === 0);
  const group = p.rarely(2) ? p.pick(divisors) : 1;
  return [group, p.draw.int(1, group === 1 ? 4 : 2)];
}

const image = { fits: isImage };

const conv = maker(
  'Conv',
  (p, x) => {
    const channels = p.shape(x)[1] as number;
    const w = windows(p, x, { dilated: true, padded: 'freely' });
    if (w === undefined) return undefined;
    const [group, each] = grouping(p, channels);
    const weight = p.weight([group * each, channels / group, ...w.kernel], -0.6, 0.6);
    const bias = p.rarely(2) ? p.weight([group * each]) : undefined;
    return p.op('Conv', [x, weight, bias], { ...w.attributes, group: group === 1 ? undefined : group });
  },
  image,
);

const convTranspose = maker(
  'ConvTranspose',
  (p, x) => {
    const channels = p.shape(x)[1] as number;
    const sizes = spatial(p, x);
    const [group, each] = grouping(p, channels);
    const kernel = sizes.map(() => p.draw.int(1, 3));
    const strides = sizes.map(() => p.draw.int(1, 3));
    const dilations = sizes.map(() => (p.rarely(4) ? 2 : 1));
    const pads = [...kernel, ...kernel].map((k) => (p.rarely(2) ? p.draw.int(0, k - 1) : 0));
    const extra = strides.map((s) => (p.rarely(3) ? p.draw.int(0, s - 1) : 0));
    const weight = p.weight([channels, each, ...kernel], -0.6, 0.6);
    const bias = p.rarely(2) ? p.weight([group * each]) : undefined;
    const output = sizes.map(
      (d, i) =>
        (d - 1) * (strides[i] as number) +
        ((kernel[i] as number) - 1) * (dilations[i] as number) +
        1 -
        (pads[i] as number) -
        (pads[sizes.length + i] as number) +
        (extra[i] as number),
    );
    if (output.some((d) => d < 1 || d > 12)) return undefined;
    return p.op('ConvTranspose', [x, weight, bias], {
      group: group === 1 ? undefined : group,
      strides,
      dilations,
      pads: pads.some((d) => d > 0) ? pads : undefined,
      output_padding: extra.some((d) => d > 0) ? extra : undefined,
    });
  },
  image,
);

const maxPool = maker(
  'MaxPool',
  (p, x) => {
    const w = windows(p, x, { dilated: true, padded: 'less than kernel', ceil: true });
    return w && p.op('MaxPool', [x], w.attributes);
  },
  { ...image, double: true, since: 12 },
);

const averagePool = maker(
  'AveragePool',
  (p, x) => {
    const dilated = p.options.opset >= 19;
    const w = windows(p, x, { dilated, padded: 'less than kernel', ceil: true });
    return w && p.op('AveragePool', [x], { ...w.attributes, count_include_pad: p.rarely(3) ? 1 : undefined });
  },
  { ...image, since: 10 },
);

const lpPool = maker(
  'LpPool',
  (p, x) => {
    const w = windows(p, x, { dilated: true, padded: 'less than kernel' });
    return w && p.op('LpPool', [x], { ...w.attributes, p: p.draw.int(1, 3) });
  },
  { ...image, since: 18 },
);

const globalPools = ['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((op) =>
  maker(
    op,
    (p, x) => {
      if (op !== 'GlobalLpPool') return p.op(op, [x]);
      // The runtime has no kernel of its newest form.
      return p.options.opset >= 22 ? undefined : p.op(op, [x], { p: p.draw.int(1, 3) });
    },
    image,
  ),
);

const channelsOf = (p: Program, x: string): number => p.shape(x)[1] as number;

/** One of the axes, of more than one element if there is any: what is normalised alone has no slope. */
function wideAxis(p: Program, x: string, axes: readonly number[]): number {
  const wide = axes.filter((a) => (p.shape(x)[a] as number) > 1);
  return p.pick(wide.length > 0 ? wide : axes);
}

const norms: readonly Maker[] = [
  maker(
    'BatchNormalization',
    (p, x) => {
      const c = [channelsOf(p, x)];
      const values = [p.weight(c, 0.5, 1.5), p.weight(c), p.weight(c), p.weight(c, 0.4, 1.4)];
      return p.op('BatchNormalization', [x, ...values], { epsilon: float(1e-3) });
    },
    { double: true, since: 14, fits: (p, x) => rank(p, x) > 1 && !p.isOpen(x, 1) },
  ),
  maker(
    'InstanceNormalization',
    (p, x) => {
      const c = [channelsOf(p, x)];
      return p.op('InstanceNormalization', [x, p.weight(c, 0.5, 1.5), p.weight(c)], { epsilon: float(0.05) });
    },
    image,
  ),
  maker(
    'LayerNormalization',
    (p, x) => {
      const shape = p.shape(x);
      const axis = p.draw.int(1, shape.length - 1);
      if (shape.some((_, i) => i >= axis && p.isOpen(x, i))) return undefined;
      const own = shape.slice(axis);
      const bias = p.rarely(2) ? p.weight(own) : undefined;
      const given = p.rarely(2) ? axis : axis - shape.length;
      return p.op('LayerNormalization', [x, p.weight(own, 0.5, 1.5), bias], {
        axis: given,
        epsilon: float(0.05),
      });
    },
    { double: true, since: 17, fits: (p, x) => rank(p, x) > 1 },
  ),
  maker(
    'GroupNormalization',
    (p, x) => {
      const c = channelsOf(p, x);
      const groups = p.pick([1, 2, 3, 4].filter((d) => c % d === 0));
      const inputs = [x, p.weight([c], 0.5, 1.5), p.weight([c])];
      return p.op('GroupNormalization', inputs, { num_groups: groups, epsilon: float(0.05) });
    },
    { ...image, since: 21 },
  ),
  maker(
    'LRN',
    (p, x) =>
      p.op('LRN', [x], {
        size: p.pick([1, 3, 5]),
        alpha: float(0.5),
        beta: float(p.pick([0.5, 0.75, 1])),
        bias: float(p.pick([1, 2])),
      }),
    { fits: (p, x) => rank(p, x) === 4 && isImage(p, x) },
  ),
  maker(
    'LpNormalization',
    (p, x) => {
      const closed = p.closedAxes(x);
      return closed.length === 0
        ? undefined
        : p.op('LpNormalization', [x], { axis: wideAxis(p, x, closed), p: p.draw.int(1, 2) });
    },
    { double: true },
  ),
  maker(
    'MeanVarianceNormalization',
    (p, x) => p.op('MeanVarianceNormalization', [x], p.rarely(2) ? {} : { axes: [2, 3] }),
    { since: 13, fits: (p, x) => rank(p, x) === 4 && isImage(p, x) },
  ),
  ...['Softmax', 'LogSoftmax'].map((op) =>
    maker(
      op,
      (p, x) => {
        const axis = wideAxis(
          p,
          x,
          p.shape(x).map((_, i) => i),
        );
        return p.op(op, [x], { axis: p.rarely(2) ? axis : axis - rank(p, x) });
      },
      { double: true, since: 13, fits: (p, x) => rank(p, x) > 0 },
    ),
  ),
];

const lastClosed = (p: Program, x: string): boolean => rank(p, x) >= 2 && !p.isOpen(x, rank(p, x) - 1);

const products: readonly Maker[] = [
  maker(
    'MatMul',
    (p, x) => p.op('MatMul', [x, p.weight([p.shape(x).at(-1) as number, p.draw.int(1, 4)], -0.8, 0.8)]),
    { double: true, fits: lastClosed },
  ),
  maker(
    'MatMul',
    (p, x) => {
      const r = rank(p, x);
      const perm = [...Array.from({ length: r - 2 }, (_, i) => i), r - 1, r - 2];
      const turned = p.op('Transpose', [x], { perm });
      return p.op('MatMul', p.rarely(2) ? [x, turned] : [turned, x]);
    },
    { double: true, fits: (p, x) => rank(p, x) >= 2 },
  ),
  maker(
    'MatMul',
    (p, x) => {
      const shape = p.shape(x);
      const rows = p.draw.int(1, 3);
      const lead = shape.length > 2 && !p.isOpen(x, 0) && p.rarely(2) ? shape.slice(0, -2) : [];
      const left = p.weight([...lead, rows, shape.at(-2) as number], -0.8, 0.8);
      return p.op('MatMul', [left, x]);
    },
    { double: true, fits: (p, x) => rank(p, x) >= 2 && !p.isOpen(x, rank(p, x) - 2) },
  ),
  maker(
    'Gemm',
    (p, x) => {
      const [rows, inner] = p.shape(x) as [number, number];
      const transA = !p.isOpen(x, 0) && p.rarely(3) ? 1 : 0;
      const transB = p.rarely(2) ? 1 : 0;
      const columns = p.draw.int(1, 4);
      const k = transA === 1 ? rows : inner;
      const weight = p.weight(transB === 1 ? [columns, k] : [k, columns], -0.8, 0.8);
      const m = transA === 1 ? inner : rows;
      const shapes = [
        [columns],
        [1, columns],
        [1],
        ...(p.isOpen(x, 0)
          ? []
          : [
              [m, 1],
              [m, columns],
            ]),
      ];
      const c = p.rarely(3) ? undefined : p.weight(p.pick(shapes));
      return p.op('Gemm', [x, weight, c], { transA, transB, alpha: float(0.7), beta: float(1.3) });
    },
    { double: true, since: 11, fits: (p, x) => rank(p, x) === 2 && !p.isOpen(x, 1) },
  ),
  maker(
    'Einsum',
    (p, x) => {
      const shape = p.shape(x);
      const own = 'abcde'.slice(0, shape.length);
      const shared = p.closedAxes(x).filter(() => p.rarely(2));
      const letters = [...shared.map((i) => own[i] as string), ...(p.rarely(2) ? ['z'] : [])];
      const sizes = letters.map((l) => (l === 'z' ? 2 : (shape[own.indexOf(l)] as number)));
      const all = [...own.split(''), ...(letters.includes('z') ? ['z'] : [])];
      const output = all.filter((l) => l === 'z' || p.rarely(2) || p.isOpen(x, own.indexOf(l)));
      const order = p.rarely(2) ? output : output.toReversed();
      return p.op('Einsum', [x, p.weight(sizes)], {
        equation: `${own},${letters.join('')}->${order.join('')}`,
      });
    },
    { double: true, since: 12, fits: (p, x) => rank(p, x) >= 1 },
  ),
  maker(
    'Einsum',
    (p, x) => {
      const own = 'abcde'.slice(0, rank(p, x));
      const other = own.slice(0, -1) + 'z';
      return p.op('Einsum', [x, x], { equation: `${own},${other}->${own.slice(0, -2)}${own.at(-1)}z` });
    },
    { double: true, since: 12, fits: (p, x) => rank(p, x) >= 2 },
  ),
  maker(
    'FusedMatMul',
    (p, x) => {
      const transB = p.rarely(2) ? 1 : 0;
      const [k, n] = [p.shape(x).at(-1) as number, p.draw.int(1, 3)];
      const weight = p.weight(transB === 1 ? [n, k] : [k, n]);
      return p.op('FusedMatMul', [x, weight], { transB, alpha: float(0.6) }, 'com.microsoft');
    },
    { fits: lastClosed },
  ),
];

/** Some axes, perhaps counted from the back. */
const axesOf = (p: Program, x: string): number[] => {
  const axes = p
    .shape(x)
    .map((_, i) => i)
    .filter(() => p.rarely(2));
  return p.rarely(2) ? axes : axes.map((a) => a - rank(p, x));
};

const reductions: readonly Maker[] = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceSumSquare',
].map((op) =>
  maker(
    op,
    (p, x) => {
      const axes = axesOf(p, x);
      const of = op === 'ReduceLogSum' ? p.op('Add', [p.op('Mul', [x, x]), p.scalar(0.3)]) : x;
      const keepdims = p.draw.int(0, 1);
      if (axes.length === 0) return p.op(op, [of], { keepdims });
      const asInput = p.options.opset >= (op === 'ReduceSum' ? 13 : 18);
      return asInput ? p.op(op, [of, p.ints(axes)], { keepdims }) : p.op(op, [of], { keepdims, axes });
    },
    {
      double: !['ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceProd'].includes(op),
      since: 13,
      fits: (p, x) => rank(p, x) > 0,
    },
  ),
);

export const layers: readonly Maker[] = [
  // Several times, for their many forms.
  conv,
  conv,
  conv,
  convTranspose,
  convTranspose,
  maxPool,
  maxPool,
  averagePool,
  averagePool,
  lpPool,
  ...globalPools,
  ...norms,
  ...products,
  ...reductions,
];
