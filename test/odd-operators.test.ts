import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import type { AttributeInput, Shape } from '../src/onnx/index.ts';
import { float, floats, GraphBuilder } from '../src/onnx/index.ts';
import type { AnyTensor, DType } from '../src/tensor/index.ts';
import { AdvarenaError } from '../src/tensor/index.ts';
import { type Example, examples } from './operator-examples.ts';

// Nodes whose inputs and attributes make no sense: exporters break, and strangers bring what they like.

const names = [
  ...new Set(examples.flatMap((e) => Object.keys(e.attributes ?? {}))),
  ...'num_heads qkv_hidden_sizes rotary_embedding_dim bits K N block_size norm offset transBatchA channels_last'.split(
    ' ',
  ),
];
const values: readonly AttributeInput[] = [
  0,
  1,
  3,
  -1,
  1000,
  float(0.3),
  float(0),
  'x',
  'L1',
  'SOFTMAX',
  [],
  [1, 2, 3],
  ['a'],
  floats([]),
  floats([1, 2]),
];
const types: readonly DType[] = ['float32', 'float32', 'int64', 'uint8', 'bool'];
const shapes: readonly (Shape | undefined)[] = [
  undefined,
  [],
  [4],
  [2, 12],
  [2, 3, 4],
  [2, 0, 3],
  [1, 3, 4, 4],
  ['N', 'L', 6],
  ['N', 'C', 'H', 'W'],
];

type Odd =
  | { readonly is: 'left out' | 'constant' | 'input' }
  | { readonly is: 'other'; readonly dtype: DType; readonly shape: Shape | undefined };

const oddInput: fc.Arbitrary<Odd> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ is: 'constant' } as const) },
  { weight: 2, arbitrary: fc.constant({ is: 'input' } as const) },
  fc.constant({ is: 'left out' } as const),
  fc.record({
    is: fc.constant('other' as const),
    dtype: fc.constantFrom(...types),
    shape: fc.constantFrom(...shapes),
  }),
);

/** A gradient by each input, or errors of ours; anything else is thrown. */
function tried(e: Example, inputs: readonly Odd[], attributes: Record<string, AttributeInput>): void {
  const dot = e.operator.lastIndexOf('.');
  const b = new GraphBuilder(undefined, { opset: e.opset ?? 18 });
  const given = e.inputs.map((t: AnyTensor | undefined, i) => {
    const odd = inputs[i] ?? { is: 'constant' };
    if (odd.is === 'other') return b.input(`x${i}`, odd.dtype, odd.shape);
    if (t === undefined || odd.is === 'left out') return undefined;
    return odd.is === 'constant' ? b.constant(t) : b.input(`x${i}`, t.dtype, t.shape);
  });
  try {
    const options = { domain: e.operator.slice(0, Math.max(0, dot)), outputs: e.outputs ?? 1 };
    const made = b.node(e.operator.slice(dot + 1), given, { ...e.attributes, ...attributes }, options);
    for (const name of made) b.output(name);
    const graph = b.finish();
    for (const { name } of graph.inputs) {
      const of = made.at(-1) as string;
      if (inspect(graph, { of, wrt: name }).differentiable) gradient(graph, { of, wrt: [name] });
    }
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
  }
}

test('odd inputs and attributes get a gradient or one clear message', () => {
  const attributes = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...values), { maxKeys: 3 });
  const inputs = fc.array(oddInput, { maxLength: 6 });
  fc.assert(fc.property(fc.constantFrom(...examples), inputs, attributes, tried), {
    numRuns: 4000,
    seed: 7,
  });
  expect(examples.length).toBeGreaterThan(100);
});
