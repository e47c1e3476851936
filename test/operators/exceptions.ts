// What has no case, with the reason: `operator: what`, in the words of `demands`.

const precision = 'how precisely the runtime computes, which no rule reads';
const drawn = 'a draw: random nodes become inputs on loading, held by src/onnx/lift-random.test.ts';
const eighths = 'of 8-bit floats alone, which no network here has';
const weights = 'the size of the weight, from which it is read; another is refused';
const beside = 'beside it the runtime takes no pads that it would leave out: it is what it is without';
const trees = 'the gradient is zero whatever it says, and no shape hangs on it';
const ends = 'the runtime ends where it is left out';

export const exceptions: readonly (readonly [RegExp, reason: string])[] = [
  [/: (stash_type|softmax_precision|accuracy_level|precision)$/, precision],
  [/: seed$/, drawn],
  [/^Random(Normal|Uniform)(Like)?: (mean|scale|high|low)$/, drawn],
  [/^Dropout: (ratio|with ratio|with training_mode)$/, drawn],
  [/: (saturate|round_mode.*)$/, eighths],
  [/(Conv|ConvInteger|ConvTranspose): kernel_shape/, weights],
  [/(Conv|ConvInteger|ConvTranspose): auto_pad VALID$/, beside],
  [/^BatchNormalization: spatial$/, 'refused, held by src/onnx/upgrade.test.ts'],
  [/^DequantizeLinear: output_dtype$/, 'the runtime has no kernel for another type than that of the scale'],
  [/^MaxUnpool: pads, another for each end$/, 'only their sum counts, for the size of the output'],
  [/^RoiAlign: mode/, 'the largest are refused'],
  [/^Scan: with sequence_lens$/, 'refused, held by test/rewritten.test.ts'],
  [/^TopK: sorted$/, 'what is not sorted has no order that could be held'],
  [/^ai\.onnx\.ml\.LinearClassifier: multi_class$/, 'the runtime takes no notice of it'],
  [/: post_transform PROBIT$/, 'refused, held by test/table-models.test.ts'],
  [/^ai\.onnx\.ml\.TreeEnsemble\w*: (?!since)/, trees],
  [/^com\.microsoft\.Attention: (do_rotary|rotary_embedding_dim|past_present_share_buffer)$/, 'refused'],
  [/^com\.microsoft\.Attention: with (past|past_sequence_length)$/, 'refused'],
  [/^com\.microsoft\.Attention: with(out)? bias$/, ends],
  [/^com\.microsoft\.FusedGemm: activation Clip$/, 'the runtime has no kernel for it'],
  [/^com\.microsoft\.FusedGemm: activation_gamma$/, 'no activation that the runtime fuses has it'],
  [/^com\.microsoft\.MatMulNBits: with g_idx$/, 'refused'],
  [/^com\.microsoft\.MultiHeadAttention: without (key|value)$/, 'packed, and refused'],
  [/^com\.microsoft\.QLinear(LeakyRelu|Sigmoid): with(out)? [XY]_zero_point$/, ends],
  [/^com\.microsoft\.QLinear(Add|Mul): without [AB]_zero_point$/, 'the runtime finds no type then'],
  [/^com\.microsoft\.QLinearSoftmax: with(out)? x_zero_point$/, 'a softmax does not change with it'],
  [/^com\.microsoft\.QLinearAveragePool: without [xy]_zero_point$/, 'the runtime finds no type then'],
  [/^com\.microsoft\.RotaryEmbedding: is_packed_batching$/, 'refused'],
  [/^com\.microsoft\.RotaryEmbedding: scale$/, 'the runtime takes no notice of it'],
];
