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

const others: Record<string, Form> = {
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
