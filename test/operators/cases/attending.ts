import type { AttributeInput } from '../../../src/onnx/index.ts';
import { float } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { bools, c, int32s, ints, r } from '../values.ts';

type Attributes = Record<string, AttributeInput>;
type More = Parameters<typeof c>[3];

const headed = (length = 3, heads = 2) => r([2, heads, length, 4]);
const flat = (width: number, length = 3) => r([2, length, width]);
const none = undefined;

const at23 = (inputs: Case['inputs'], attributes: Attributes = {}, more: More = {}): Case =>
  c('Attention', inputs, attributes, { opset: 23, ...more });

/** Of the order of features: [2, heads, 3, size]. */
const turned = (attributes: Attributes, more: More = {}): Case[] => [
  c(
    'RotaryEmbedding',
    [r([2, 3, 12]), r([5, 2]), r([5, 2]), ints([0, 1, 2, 2, 4, 3], [2, 3])],
    { num_heads: 3, ...attributes },
    { opset: 23, ...more },
  ),
  c(
    'com.microsoft.RotaryEmbedding',
    [r([2, 3, 12]), ints([0, 1, 2, 2, 4, 3], [2, 3]), r([5, 2]), r([5, 2])],
    attributes,
    more,
  ),
];

const many = (inputs: Case['inputs'], attributes: Attributes = {}, more: More = {}): Case =>
  c('com.microsoft.MultiHeadAttention', inputs, { num_heads: 2, ...attributes }, more);
const parts = () => [flat(4), flat(4), flat(4)] as const;
/** Always with a bias: the runtime ends where it is left out. */
const own = (inputs: Case['inputs'], attributes: Attributes = {}): Case =>
  c('com.microsoft.Attention', [flat(4), ...inputs], { num_heads: 2, ...attributes }, { aside: ['bias'] });
const hidden = int32s([1, 1, 0, 0, 1, 1], [2, 3]);

export const attending: readonly Case[] = [
  at23([headed(), headed(), headed()]),
  at23([flat(8), flat(4), flat(4)], { q_num_heads: 4, kv_num_heads: 2 }),
  at23([headed(), headed(), headed()], { is_causal: 1, scale: float(0.8), softcap: float(0.8) }),
  at23([headed(), headed(), headed(), r([3, 3])]),
  at23([headed(), headed(), headed(), bools([1, 0, 1, 1, 1, 0, 0, 1, 1], [3, 3])]),
  at23([headed(), headed(), headed(), none, headed(2), headed(2)], {}, { outputs: 3 }),
  ...[1, 2, 3].map((mode) =>
    at23(
      [headed(), headed(), headed(), r([3, 3])],
      { qk_matmul_output_mode: mode, softcap: float(0.8) },
      { outputs: 4 },
    ),
  ),
  c('Attention', [headed(), headed(), headed(), none, none, none, ints([2, 3])], {}, { opset: 24 }),
  c('Attention', [headed(), headed(), headed()], { is_causal: 1 }, { opset: 24 }),
  ...turned({}),
  ...turned({ interleaved: 1 }),

  c(
    'RotaryEmbedding',
    [r([2, 2, 3, 6]), r([5, 2]), r([5, 2]), ints([0, 1, 2, 2, 4, 3], [2, 3])],
    { rotary_embedding_dim: 4 },
    { opset: 23 },
  ),
  c(
    'RotaryEmbedding',
    [r([2, 3, 12]), r([5, 2]), r([5, 2]), ints([0, 1, 2, 2, 4, 3], [2, 3])],
    { rotary_embedding_dim: 4, num_heads: 2 },
    { opset: 23 },
  ),
  c('RotaryEmbedding', [r([2, 2, 3, 4]), r([2, 3, 2]), r([2, 3, 2])], {}, { opset: 23 }),
  c(
    'com.microsoft.RotaryEmbedding',
    [r([2, 3, 12]), ints([0, 1, 2, 2, 4, 3], [2, 3]), r([5, 2]), r([5, 2])],
    { rotary_embedding_dim: 4, num_heads: 2 },
  ),
  many(parts()),
  many([...parts(), r([12]), hidden], { mask_filter_value: float(-0.9) }),
  many([...parts(), none, none, r([1, 2, 3, 3])], { scale: float(1.3), unidirectional: 1 }),
  many(
    [flat(4), headed(), headed()].map((t, i) => (i === 0 ? t : r([2, 2, 3, 2]))),
    {},
  ),
  many(
    [...parts(), none, none, none, r([2, 2, 2, 2]), r([2, 2, 2, 2])],
    { unidirectional: 1 },
    { outputs: 3 },
  ),
  own([r([4, 12]), r([12]), hidden], { mask_filter_value: float(-0.9) }),
  own([r([4, 12]), r([12])], { scale: float(1.3), unidirectional: 1 }),
  own([r([4, 12]), r([12]), none, none, r([2, 2, 3, 3])], { qkv_hidden_sizes: [2, 2, 8] }),
];
