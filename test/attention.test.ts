import { describe, expect, test } from 'vitest';
import { inspect } from '../src/autodiff/index.ts';
import type { AttributeInput } from '../src/onnx/index.ts';
import { float, GraphBuilder } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { int64, tensor } from '../src/tensor/index.ts';
import { agrees, filled } from './agrees.ts';

// Attention as the runtime computes it, on queries, keys and values made from one input [2, 4, 6].

/** [2, length, width] of x. */
const part = (b: GraphBuilder, x: string, width: number, seed: number): string =>
  b.op('MatMul', [x, b.constant(filled([6, width], seed))]);

/** [2, heads, 4, size] of x. */
function headed(b: GraphBuilder, x: string, heads: number, size: number, seed: number): string {
  const flat = b.op('Reshape', [part(b, x, heads * size, seed), b.ints([0, 0, heads, size])]);
  return b.op('Transpose', [flat], { perm: [0, 2, 1, 3] });
}

const bool = (values: readonly number[], shape: readonly number[]): AnyTensor =>
  tensor<'bool'>(Uint8Array.from(values), shape, 'bool');

const dark = -3.4028234663852886e38;
const seen = bool([1, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], [4, 4]);
const shaded = tensor(
  Float32Array.from([0, dark, 0.3, 0, -0.2, 0, dark, dark, dark, dark, dark, dark, 0, 0.1, 0, 0]),
  [4, 4],
);
const infinite = tensor(
  shaded.data.map((v) => (v === dark ? Number.NEGATIVE_INFINITY : v)),
  [4, 4],
);

describe('Attention', () => {
  const masks: [string, AnyTensor | undefined][] = [
    ['no mask', undefined],
    ['an additive mask per sample and head', filled([2, 4, 4, 4], 9)],
    ['a boolean mask that hides all from one query', seen],
    ['a mask of the lowest number', shaded],
    ['a mask of -∞', infinite],
  ];
  describe.for([0, 1])('is_causal %i', (causal) => {
    test.for(masks)('%s, softcap, heads that share keys', ([, mask]) =>
      agrees({ shape: [2, 4, 6], opset: 23, second: true }, (b, x) => {
        const attributes = { q_num_heads: 4, kv_num_heads: 2, softcap: float(0.8), is_causal: causal };
        const given = mask === undefined ? undefined : b.constant(mask);
        return b.op('Attention', [part(b, x, 12, 1), part(b, x, 6, 2), part(b, x, 4, 3), given], attributes);
      }),
    );
    test.for([0, 1, 2])('with a cache, output %i', (output) =>
      agrees({ shape: [2, 4, 6], opset: 23 }, (b, x) => {
        const inputs = [1, 2, 3].map((seed) => headed(b, x, 2, 3, seed));
        const mask = b.constant(filled([4, 7], 9));
        const cache = [4, 5].map((seed) => b.constant(filled([2, 2, 3, 3], seed)));
        const attributes = { is_causal: causal, scale: float(0.7) };
        return b.node('Attention', [...inputs, mask, ...cache], attributes, { outputs: 3 })[output] as string;
      }),
    );
    test('with lengths of the samples', () =>
      agrees({ shape: [2, 4, 6], opset: 24 }, (b, x) => {
        const inputs = [1, 2, 3].map((seed) => headed(b, x, 2, 3, seed));
        const lengths = b.constant(int64([3, 4]));
        const none = undefined;
        return b.op('Attention', [...inputs, none, none, none, lengths], { is_causal: causal });
      }));
  });
  test('a cache made from the input', () =>
    agrees({ shape: [2, 4, 6], opset: 23 }, (b, x) => {
      const [q, k, v, pastKeys, pastValues] = [1, 2, 3, 4, 5].map((seed) => headed(b, x, 2, 3, seed));
      const inputs = [q, k, v, undefined, pastKeys, pastValues];
      return b.node('Attention', inputs, { is_causal: 1 }, { outputs: 3 })[0] as string;
    }));
  test.for([0, 1, 2, 3])('the scores as an output, mode %i', (mode) =>
    agrees({ shape: [2, 4, 6], opset: 23 }, (b, x) => {
      const inputs = [1, 2, 3].map((seed) => headed(b, x, 2, 3, seed));
      const attributes = { qk_matmul_output_mode: mode, softcap: float(0.8) };
      const outputs = b.node('Attention', [...inputs, b.constant(filled([4, 4], 9))], attributes, {
        outputs: 4,
      });
      return outputs[3] as string;
    }),
  );
  test('free lengths', () =>
    agrees({ shape: [2, 4, 6], declared: ['N', 'L', 6], opset: 23 }, (b, x) => {
      const attributes: Record<string, AttributeInput> = { q_num_heads: 2, kv_num_heads: 2, is_causal: 1 };
      return b.op('Attention', [part(b, x, 12, 1), part(b, x, 12, 2), part(b, x, 12, 3)], attributes);
    }));
  test('of heads whose number is not known is refused, and inspect knows', () => {
    const b = new GraphBuilder(undefined, { opset: 23 });
    const x = b.input('x', 'float32', ['N', 'H', 4, 6]);
    b.output(b.op('Attention', [x, x, x]), 'y');
    expect(inspect(b.finish()).blocking.map((found) => found.why)).toEqual([
      'The gradient of Attention needs known numbers and sizes of heads.',
    ]);
  });
});

describe('MultiHeadAttention of com.microsoft', () => {
  const microsoft = { domain: 'com.microsoft' };
  const mask = (shape: readonly number[], ...values: number[]): AnyTensor =>
    tensor<'int32'>(Int32Array.from(values), shape, 'int32');
  const masks: [string, AnyTensor | undefined][] = [
    ['no mask', undefined],
    ['a mask of keys', mask([2, 4], 1, 1, 0, 1, 0, 1, 1, 0)],
    [
      'a mask of keys per query',
      mask([2, 4, 4], ...Array.from({ length: 32 }, (_, i) => (i % 3 === 0 ? 0 : 1))),
    ],
  ];
  describe.for([0, 1])('unidirectional %i', (unidirectional) => {
    test.for(masks)('%s, bias, attention_bias', ([, padding]) =>
      agrees({ shape: [2, 4, 6], second: true }, (b, x) => {
        const parts = [part(b, x, 6, 1), part(b, x, 6, 2), part(b, x, 4, 3)];
        const hidden = padding === undefined ? undefined : b.constant(padding);
        const inputs = [...parts, b.constant(filled([16], 4)), hidden, b.constant(filled([1, 2, 4, 4], 5))];
        return b.node('MultiHeadAttention', inputs, { num_heads: 2, unidirectional }, microsoft)[0] as string;
      }),
    );
    // Without outputs of the longer cache the runtime leaves the cache out.
    test.for([
      [0, 3],
      [1, 3],
      [2, 3],
      [0, 1],
    ] as const)('with a cache, output %i of %i', ([output, outputs]) =>
      agrees({ shape: [2, 4, 6] }, (b, x) => {
        const parts = [1, 2, 3].map((seed) => part(b, x, 6, seed));
        const cache = [4, 5].map((seed) => b.constant(filled([2, 2, 3, 3], seed)));
        const inputs = [...parts, undefined, undefined, undefined, ...cache];
        const attributes = { num_heads: 2, unidirectional, scale: float(0.7) };
        return b.node('MultiHeadAttention', inputs, attributes, { ...microsoft, outputs })[output] as string;
      }),
    );
    test.for(masks)('Attention, %s', ([, padding]) =>
      agrees({ shape: [2, 4, 6] }, (b, x) => {
        const hidden = padding === undefined ? undefined : b.constant(padding);
        const weights = [b.constant(filled([6, 16], 3)), b.constant(filled([16], 4))];
        const inputs = [x, ...weights, hidden, undefined, b.constant(filled([2, 2, 4, 4], 5))];
        const attributes = { num_heads: 2, unidirectional, qkv_hidden_sizes: [6, 6, 4] };
        return b.node('Attention', inputs, attributes, microsoft)[0] as string;
      }),
    );
  });
  test('keys and values with their heads apart', () =>
    agrees({ shape: [2, 4, 6] }, (b, x) => {
      const inputs = [part(b, x, 6, 1), headed(b, x, 2, 3, 2), headed(b, x, 2, 3, 3)];
      return b.node('MultiHeadAttention', inputs, { num_heads: 2 }, microsoft)[0] as string;
    }));
  test('a mask of lengths is refused, and inspect knows', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', [2, 4, 6]);
    const inputs = [x, x, x, undefined, b.constant(mask([2], 3, 4))];
    b.output(b.node('MultiHeadAttention', inputs, { num_heads: 2 }, microsoft)[0] as string, 'y');
    expect(inspect(b.finish()).blocking.map((found) => found.why)).toEqual([
      'The gradient of MultiHeadAttention needs queries, keys and values that are not packed, known sizes of heads, and a mask that is not of lengths.',
    ]);
  });
});
