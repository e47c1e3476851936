import { describe, expect, test } from 'vitest';
import { createSession } from '../runtime/index.ts';
import { type Tensor, tensor } from '../tensor/index.ts';
import { activationOf, GraphBuilder } from './index.ts';

type Form = (b: GraphBuilder, z: string) => string;

const classes = (b: GraphBuilder) => b.ints([1]);
const exp: Form = (b, z) => b.op('Exp', [z]);
const sum: Form = (b, x) => b.op('ReduceSum', [x, classes(b)]);
const stable: Form = (b, z) => b.op('Sub', [z, b.op('ReduceMax', [z, classes(b)])]);
const softmax: Form = (b, z) => b.op('Div', [exp(b, z), sum(b, exp(b, z))]);
const minus: Form = (b, z) => b.op('Exp', [b.op('Neg', [z])]);

const row: Form = (b, z) => b.op('Softmax', [z], { axis: 1 });
const odds: Form = (b, power) => b.op('Add', [b.scalar(1), power]);
const half = (b: GraphBuilder, x: string): string => b.op('Mul', [x, b.scalar(0.5)]);

const forms: Record<string, { op: string; form: Form }> = {
  Softmax: { op: 'Softmax', form: (b, z) => b.op('Softmax', [z], { axis: 1 }) },
  'Softmax, cast and reshaped': {
    op: 'Softmax',
    form: (b, z) => b.op('Reshape', [b.op('Softmax', [z], { axis: 1 }), b.ints([-1, 3])]),
  },
  'e^z / Σ': { op: 'Softmax', form: softmax },
  'e^z / Σ, the powers once': {
    op: 'Softmax',
    form: (b, z) => {
      const powers = exp(b, z);
      return b.op('Div', [powers, sum(b, powers)]);
    },
  },
  'e^z / Σ, less the largest': { op: 'Softmax', form: (b, z) => softmax(b, stable(b, z)) },
  'e^z / Σ, the sum unsqueezed': {
    op: 'Softmax',
    form: (b, z) => {
      const powers = exp(b, z);
      const flat = b.op('ReduceSum', [powers, b.ints([-1])], { keepdims: 0 });
      return b.op('Div', [powers, b.op('Unsqueeze', [flat, b.ints([1])])]);
    },
  },
  'e^z · 1/Σ': {
    op: 'Softmax',
    form: (b, z) => b.op('Mul', [b.op('Reciprocal', [sum(b, exp(b, z))]), exp(b, z)]),
  },
  'e^ of LogSoftmax': { op: 'Softmax', form: (b, z) => exp(b, b.op('LogSoftmax', [z], { axis: 1 })) },
  LogSoftmax: { op: 'LogSoftmax', form: (b, z) => b.op('LogSoftmax', [z], { axis: 1 }) },
  'z - log Σ e^z': { op: 'LogSoftmax', form: (b, z) => b.op('Sub', [z, b.op('Log', [sum(b, exp(b, z))])]) },
  'z - LogSumExp': {
    op: 'LogSoftmax',
    form: (b, z) => b.op('Sub', [z, b.op('ReduceLogSumExp', [z, classes(b)])]),
  },
  'log of a softmax': { op: 'LogSoftmax', form: (b, z) => b.op('Log', [softmax(b, stable(b, z))]) },
  Sigmoid: { op: 'Sigmoid', form: (b, z) => b.op('Sigmoid', [z]) },
  '1 / (1 + e^-z)': {
    op: 'Sigmoid',
    form: (b, z) => b.op('Div', [b.scalar(1), b.op('Add', [b.scalar(1), minus(b, z)])]),
  },
  '(e^-z + 1)^-1': {
    op: 'Sigmoid',
    form: (b, z) => b.op('Reciprocal', [b.op('Add', [minus(b, z), b.scalar(1)])]),
  },
};

/** -z in other words. */
const negatives: Record<string, Form> = {
  'z · -1': (b, z) => b.op('Mul', [z, b.scalar(-1)]),
  '-1 · z': (b, z) => b.op('Mul', [b.scalar(-1), z]),
  'z / -1': (b, z) => b.op('Div', [z, b.scalar(-1)]),
  '0 - z': (b, z) => b.op('Sub', [b.scalar(0), z]),
  '-z, the one as [1, 1]': (b, z) => b.op('Mul', [z, b.constant(tensor(new Float32Array([-1]), [1, 1]))]),
};
for (const [name, negative] of Object.entries(negatives))
  forms[`1 / (1 + e^-z), ${name}`] = {
    op: 'Sigmoid',
    form: (b, z) => b.op('Reciprocal', [odds(b, exp(b, negative(b, z)))]),
  };
const tanh = (b: GraphBuilder, z: string): string => b.op('Tanh', [half(b, z)]);
Object.assign(forms, {
  '½ tanh(z/2) + ½': {
    op: 'Sigmoid',
    form: (b, z) => b.op('Add', [half(b, tanh(b, z)), b.scalar(0.5)]),
  },
  '½ (1 + tanh(z/2))': {
    op: 'Sigmoid',
    form: (b, z) => half(b, b.op('Add', [b.scalar(1), b.op('Tanh', [b.op('Div', [z, b.scalar(2)])])])),
  },
  '(tanh(z/2) + 1) / 2': {
    op: 'Sigmoid',
    form: (b, z) => b.op('Div', [odds(b, tanh(b, z)), b.scalar(2)]),
  },
  'e^z / (1 + e^z)': { op: 'Sigmoid', form: (b, z) => b.op('Div', [exp(b, z), odds(b, exp(b, z))]) },
  '(1 + e^-z) to the -1': {
    op: 'Sigmoid',
    form: (b, z) => b.op('Pow', [odds(b, minus(b, z)), b.scalar(-1)]),
  },
  'e to the z / Σ': {
    op: 'Softmax',
    form: (b, z) => {
      const powers = b.op('Pow', [b.scalar(Math.E), z]);
      return b.op('Div', [powers, sum(b, powers)]);
    },
  },
  'e^z / Σ |e^z|': {
    op: 'Softmax',
    form: (b, z) => b.op('Div', [exp(b, z), b.op('ReduceL1', [exp(b, z), b.ints([-1])])]),
  },
  'e^z / Σ, copied and cast between': {
    op: 'Softmax',
    form: (b, z) => {
      const powers = b.op('Identity', [b.op('Cast', [exp(b, z)], { to: 1 })]);
      return b.op('Div', [powers, sum(b, powers)]);
    },
  },
  'a softmax kept off 0': {
    op: 'Softmax',
    form: (b, z) => b.op('Clip', [row(b, z), b.scalar(1e-7), b.scalar(1)]),
  },
  'e^ of z - LogSumExp': {
    op: 'Softmax',
    form: (b, z) => exp(b, b.op('Sub', [z, b.op('ReduceLogSumExp', [z, classes(b)])])),
  },
} satisfies typeof forms);

/** Probabilities before which no logits have the same columns. */
const mixtures: Record<string, { op: string; form: Form }> = {
  'columns of a softmax': {
    op: 'Softmax',
    form: (b, z) => b.op('Slice', [row(b, z), b.ints([0]), b.ints([2]), b.ints([1])]),
  },
  'the mean of two softmaxes': {
    op: 'Softmax',
    form: (b, z) => half(b, b.op('Add', [row(b, z), row(b, b.op('Neg', [z]))])),
  },
  'the mean of a stack of softmaxes': {
    op: 'Softmax',
    form: (b, z) => {
      const stack = [row(b, z), row(b, b.op('Neg', [z]))].map((p) => b.op('Unsqueeze', [p, b.ints([0])]));
      return b.op('ReduceMean', [b.op('Concat', stack, { axis: 0 }), b.ints([0])], { keepdims: 0 });
    },
  },
  '1 - p beside p': {
    op: 'Softmax',
    form: (b, z) => {
      const one = b.op('Slice', [z, b.ints([0]), b.ints([1]), b.ints([1])]);
      const p = b.op('Sigmoid', [one]);
      return b.op('Concat', [b.op('Sub', [b.scalar(1), p]), p], { axis: 1 });
    },
  },
  'a softmax whose axes were turned back': {
    op: 'Softmax',
    form: (b, z) =>
      b.op('Transpose', [b.op('Softmax', [b.op('Transpose', [z], { perm: [1, 0] })], { axis: 0 })], {
        perm: [1, 0],
      }),
  },
};

test.for(Object.entries(mixtures))('%s is told, and no logits before it', ([, { op, form }]) => {
  const found = activationOf(built(form), 'out');
  expect(found).toMatchObject({ op });
  expect(found).not.toHaveProperty('before');
});

/** Softmaxes that are no shares any more; whether logits before them have the same columns. */
const scaled: Record<string, [before: boolean, Form]> = {
  'times 100': [true, (b, z) => b.op('Mul', [b.scalar(100), row(b, z)])],
  'by a hundredth, written out': [true, (b, z) => b.op('Div', [softmax(b, z), b.scalar(0.01)])],
  'less a tenth': [true, (b, z) => b.op('Sub', [row(b, z), b.scalar(0.1)])],
  'times 10, plus 3, cast': [
    true,
    (b, z) => b.op('Cast', [b.op('Add', [b.scalar(3), b.op('Mul', [row(b, z), b.scalar(10)])])], { to: 1 }),
  ],
  'of which two are added': [false, (b, z) => b.op('Add', [row(b, z), row(b, z)])],
  'averaged and doubled': [
    false,
    (b, z) => b.op('Mul', [b.op('Mean', [row(b, z), row(b, b.op('Neg', [z]))]), b.scalar(2)]),
  ],
};

test.for(Object.entries(scaled))('a softmax %s is told as none of shares', ([, [before, form]]) => {
  expect(activationOf(built(form), 'out')).toEqual({
    node: expect.anything(),
    op: 'Softmax',
    scaled: true,
    ...(before && { before: 'z' }),
  });
});

test('a softmax that is only kept off 0 is one of shares', () => {
  const kept = built((b, z) => b.op('Add', [row(b, z), b.scalar(1e-7)]));
  expect(activationOf(kept, 'out')).toEqual({ node: expect.anything(), op: 'Softmax', before: 'z' });
});

const others: Record<string, Form> = {
  'a softmax over the batch': (b, z) => b.op('Softmax', [z], { axis: 0 }),
  'a softmax over the batch, turned': (b, z) =>
    b.op('Transpose', [b.op('Softmax', [b.op('Transpose', [z], { perm: [1, 0] })], { axis: 1 })], {
      perm: [1, 0],
    }),
  'powers by their sum over the batch, from behind': (b, z) =>
    b.op('Div', [exp(b, z), b.op('ReduceSum', [exp(b, z), b.ints([-2])])]),
  'powers by sums without their axis': (b, z) =>
    b.op('Div', [exp(b, z), b.op('ReduceSum', [exp(b, z), classes(b)], { keepdims: 0 })]),
  'no numbers / (1 + e^-z)': (b, z) =>
    b.op('Div', [b.constant(tensor(new Float32Array(0), [0, 3])), odds(b, minus(b, z))]),
  'a softmax times -1': (b, z) => b.op('Mul', [row(b, z), b.scalar(-1)]),
  'a softmax times weights': (b, z) =>
    b.op('Mul', [row(b, z), b.constant(tensor(Float32Array.of(1, 2, 3), [3]))]),
  'a softmax over the batch, times 20': (b, z) =>
    b.op('Mul', [b.op('Softmax', [z], { axis: 0 }), b.scalar(20)]),
  'twice a sigmoid': (b, z) => b.op('Mul', [b.op('Sigmoid', [z]), b.scalar(2)]),
  'z beside 1 - z': (b, z) => b.op('Concat', [z, b.op('Sub', [b.scalar(1), z])], { axis: 1 }),
  '1 / (1 + e^3z)': (b, z) =>
    b.op('Div', [b.scalar(1), b.op('Add', [b.scalar(1), exp(b, b.op('Mul', [b.scalar(3), z]))])]),
  'a tangent': (b, z) => b.op('Tanh', [z]),
  'half a tangent': (b, z) => half(b, b.op('Tanh', [z])),
  'half a tangent and a third': (b, z) => b.op('Add', [half(b, b.op('Tanh', [z])), b.scalar(0.3)]),
  'a softmax cut at a half': (b, z) => b.op('Clip', [row(b, z), b.scalar(0), b.scalar(0.5)]),
  'a softmax kept off 0 by a hundredth': (b, z) => b.op('Clip', [row(b, z), b.scalar(0.01), b.scalar(1)]),
  'a softmax kept off 1 by a hundredth': (b, z) => b.op('Clip', [row(b, z), b.scalar(0), b.scalar(0.99)]),
  'a softmax beside logits': (b, z) => b.op('Concat', [row(b, z), z], { axis: 1 }),
  'shares of what is no power': (b, z) => b.op('Div', [z, sum(b, z)]),
  'powers by the sum of others': (b, z) => b.op('Div', [exp(b, z), sum(b, exp(b, b.op('Neg', [z])))]),
  'a sum over the batch': (b, z) => b.op('Div', [exp(b, z), b.op('ReduceSum', [exp(b, z), b.ints([0])])]),
  '2 / (1 + e^-z)': (b, z) => b.op('Div', [b.scalar(2), b.op('Add', [b.scalar(1), minus(b, z)])]),
  '1 / (2 + e^-z)': (b, z) => b.op('Div', [b.scalar(1), b.op('Add', [b.scalar(2), minus(b, z)])]),
  '1 / (1 + e^z)': (b, z) => b.op('Div', [b.scalar(1), b.op('Add', [b.scalar(1), exp(b, z)])]),
  'less the largest alone': stable,
  'z - log Σ z': (b, z) => b.op('Sub', [z, b.op('Log', [sum(b, z)])]),
  powers: exp,
};

function built(form: Form): GraphBuilder {
  const b = new GraphBuilder();
  const z = b.input('z', 'float32', ['N', 3]);
  b.output(form(b, z), 'out');
  return b;
}

describe.for(Object.entries(forms))('%s', ([, { op, form }]) => {
  test('is told with what lies before it', () => {
    expect(activationOf(built(form), 'out')).toMatchObject({ op, before: 'z' });
  });

  test('has the values of its name', async () => {
    await using session = disposable(await createSession(built(form).finish(), { name: 'form' }));
    const z = [0.5, -1, 2, 3, 3, -4];
    const out = (await session.run({ z: tensor(new Float32Array(z), [2, 3]) }))['out'] as Tensor;
    const expected = z.map((v, i) => {
      if (op === 'Sigmoid') return 1 / (1 + Math.exp(-v));
      const row = z.slice(i - (i % 3), i - (i % 3) + 3).map(Math.exp);
      const share = Math.exp(v) / row.reduce((a, e) => a + e, 0);
      return op === 'Softmax' ? share : Math.log(share);
    });
    for (const [i, value] of expected.entries()) expect(out.data[i]).toBeCloseTo(value, 5);
  });
});

test.for(Object.entries(others))('%s are none', ([, form]) => {
  expect(activationOf(built(form), 'out')).toBeUndefined();
});

function disposable<S extends { release(): Promise<void> }>(session: S): S & AsyncDisposable {
  return Object.assign(session, { [Symbol.asyncDispose]: () => session.release() });
}
