import { float } from '../../src/onnx/index.ts';
import type { Maker } from './maker.ts';
import { maker, several } from './maker.ts';
import type { Program } from './program.ts';

const plain = (name: string, options: { double?: boolean; since?: number } = {}): Maker =>
  maker(name, (p, x) => p.op(name, [x]), options);

/** x within (-bound, bound). */
const bounded = (p: Program, x: string, bound: number): string =>
  p.op('Mul', [p.op('Tanh', [x]), p.scalar(bound)]);

/** x above `low`. */
const above = (p: Program, x: string, low: number): string =>
  p.op('Add', [p.op('Mul', [x, x]), p.scalar(low)]);

const inDomain = (
  name: string,
  into: (p: Program, x: string) => string,
  options: { double?: boolean; since?: number } = {},
): Maker => maker(name, (p, x) => p.op(name, [into(p, x)]), options);

const double = { double: true };

/** A parameter that broadcasts to x: some axes left out in front, some of size 1. */
function broadcastable(p: Program, x: string, low?: number, high?: number): string {
  const shape = p.shape(x);
  const from = p.draw.int(0, shape.length);
  const sizes = shape.map((d, axis) => (p.isOpen(x, axis) || p.rarely(3) ? 1 : d)).slice(from);
  return p.weight(sizes, low, high);
}

/** Another tensor that broadcasts with x. */
function partner(p: Program, x: string, others: readonly string[]): string {
  const shape = p.shape(x);
  const suitable = others.filter((o) => {
    const own = p.shape(o);
    if (o === x) return false;
    return own.every((d, i) => {
      const axis = shape.length - own.length + i;
      if (d === 1 && !p.isOpen(o, i)) return true;
      return axis >= 0 && d === shape[axis] && p.isOpen(o, i) === p.isOpen(x, axis);
    });
  });
  return suitable.length > 0 && p.rarely(2) ? p.pick(suitable) : broadcastable(p, x);
}

const either = (p: Program, a: string, b: string): [string, string] => (p.rarely(2) ? [a, b] : [b, a]);

const arithmetic = ['Add', 'Sub', 'Mul'].map((op) =>
  maker(op, (p, x, others) => p.op(op, either(p, x, partner(p, x, others))), double),
);

const variadic = ['Sum', 'Mean', 'Max', 'Min'].map((op) =>
  maker(
    op,
    (p, x, others) => p.op(op, [x, ...Array.from({ length: p.draw.int(0, 2) }, () => partner(p, x, others))]),
    { double: op !== 'Mean' },
  ),
);

export const elementwise: readonly Maker[] = [
  ...['Relu', 'Sigmoid', 'Tanh', 'Abs', 'Neg', 'Exp', 'Sin', 'Identity'].map((op) => plain(op, double)),
  ...['Cos', 'Softsign', 'HardSwish', 'Erf', 'Softplus', 'Atan', 'Sinh', 'Cosh', 'Asinh'].map((op) =>
    plain(op, { since: op === 'HardSwish' ? 14 : 9 }),
  ),
  plain('Mish', { since: 18 }),
  maker('Elu', (p, x) => p.op('Elu', [x], { alpha: float(p.pick([0.5, 1, 2])) })),
  maker('Celu', (p, x) => p.op('Celu', [x], { alpha: float(p.pick([0.5, 1, 2])) }), { since: 12 }),
  maker('Selu', (p, x) => p.op('Selu', [x], p.rarely(2) ? {} : { alpha: float(1.2), gamma: float(0.8) })),
  maker('LeakyRelu', (p, x) => p.op('LeakyRelu', [x], { alpha: float(p.pick([0.1, 0.3, -0.2])) })),
  maker('ThresholdedRelu', (p, x) => p.op('ThresholdedRelu', [x], { alpha: float(p.pick([0.2, 0.5])) }), {
    since: 10,
  }),
  maker('HardSigmoid', (p, x) => p.op('HardSigmoid', [x], { alpha: float(0.3), beta: float(0.4) })),
  maker('Shrink', (p, x) => p.op('Shrink', [x], { lambd: float(0.3), bias: float(p.pick([0, 0.2])) }), {
    since: 9,
  }),
  maker('Gelu', (p, x) => p.op('Gelu', [x], { approximate: p.pick(['none', 'tanh']) }), { since: 20 }),
  ...['Gelu', 'QuickGelu', 'FastGelu'].map((op) =>
    maker(`com.microsoft.${op}`, (p, x) => p.op(op, [x], {}, 'com.microsoft'), {
      fits: (p, x) => p.shape(x).length > 0,
    }),
  ),
  maker('BiasGelu', (p, x) => {
    const last = p.shape(x).length - 1;
    return p.isOpen(x, last)
      ? undefined
      : p.op('BiasGelu', [x, p.weight([p.shape(x)[last] as number])], {}, 'com.microsoft');
  }),
  inDomain('Log', (p, x) => above(p, x, 0.3), double),
  inDomain('Sqrt', (p, x) => above(p, x, 0.3), double),
  inDomain('Reciprocal', (p, x) => above(p, x, 0.5), double),
  inDomain('Acosh', (p, x) => above(p, x, 1.5), { since: 9 }),
  ...['Asin', 'Acos', 'Atanh', 'Tan'].map((op) => inDomain(op, (p, x) => bounded(p, x, 0.8), { since: 9 })),
  maker(
    'Clip',
    (p, x) => {
      const [low, high] = p.pick([
        [-0.5, 0.7],
        [undefined, 0.4],
        [-0.3, undefined],
        [0, 6],
      ] as const);
      const bound = (v: number | undefined): string | undefined =>
        v === undefined ? undefined : p.scalar(v);
      return p.op('Clip', [x, bound(low), bound(high)]);
    },
    { double: true, since: 12 },
  ),
  maker(
    'Pow',
    (p, x) => {
      const exponent = p.pick([0, 1, 2, 3, 0.5, -1, 1.7]);
      const base = Number.isInteger(exponent) && exponent >= 0 ? x : above(p, x, 0.4);
      return p.op('Pow', [base, p.scalar(exponent)]);
    },
    double,
  ),
  maker('Pow', (p, x) => p.op('Pow', [above(p, x, 0.4), broadcastable(p, x, -1, 2)]), double),
  maker('Div', (p, x, others) => p.op('Div', [partner(p, x, others), above(p, x, 0.6)]), double),
  maker('Div', (p, x) => p.op('Div', [x, broadcastable(p, x, 0.6, 1.6)]), double),
  maker(
    'PRelu',
    (p, x) => {
      const slope = p.weight(
        p
          .shape(x)
          .map((d, axis) => (p.isOpen(x, axis) || axis !== 1 ? 1 : d))
          .slice(1),
      );
      return p.op('PRelu', [x, slope]);
    },
    { since: 9, fits: (p, x) => p.shape(x).length > 1 },
  ),
  ...arithmetic,
  ...variadic,
  maker(
    'Where',
    (p, x, others) => {
      const shape = p.shape(x).map((d, axis) => (p.isOpen(x, axis) ? 1 : d));
      const size = shape.reduce((a, d) => a * d, 1);
      const mask = p.constant({ dtype: 'bool', shape, data: Uint8Array.from(several(p, size, 0, 1)) });
      return p.op('Where', [mask, ...either(p, x, partner(p, x, others))]);
    },
    { double: true, since: 9 },
  ),
  maker(
    'Where',
    (p, x, others) => {
      const mask = p.op('Greater', [x, p.scalar(0.1)]);
      return p.op('Where', [mask, p.op('Mul', [x, x]), partner(p, x, others)]);
    },
    { double: true, since: 9 },
  ),
  maker(
    'Cast',
    (p, x) => {
      if (p.options.dtype === 'float64') return undefined;
      return p.op('Cast', [p.op('Cast', [x], { to: 11 })], { to: 1 });
    },
    { since: 9 },
  ),
  maker('Dropout', (p, x) => p.op('Dropout', [x, p.pick([undefined, p.scalar(0.5)])]), {
    double: true,
    since: 13,
  }),
];
