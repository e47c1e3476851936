import { expect, test } from 'vitest';
import type { Graph } from '../onnx/index.ts';
import { GraphBuilder, onnxType } from '../onnx/index.ts';
import { createSession } from '../runtime/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { fromBrain, numbers, tensor, toBrain } from '../tensor/index.ts';
import { gradient } from './gradient.ts';

const weights = Array.from({ length: 2 * 3 * 3 * 3 }, (_, i) => Math.sin(7 * i) / 3);

/** A convolution, Tanh and a mean, computed in the given type between float32 inputs and outputs. */
function network(dtype: 'bfloat16' | 'float32', ends: DType = 'float32'): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', ends, ['N', 3, 5, 5]);
  const bits = Uint16Array.from(weights, toBrain);
  const w =
    dtype === 'bfloat16'
      ? b.constant(tensor<'bfloat16'>(bits, [2, 3, 3, 3], 'bfloat16'), 'w')
      : b.constant(tensor(Float32Array.from(bits, fromBrain), [2, 3, 3, 3]), 'w');
  const cast = (t: string, to: DType): string =>
    b.dtype(t) === to ? t : b.op('Cast', [t], { to: onnxType(to) });
  const hidden = b.op('Tanh', [b.op('Conv', [cast(x, dtype), w])]);
  b.output(cast(b.op('ReduceMean', [hidden, b.ints([2, 3])], { keepdims: 0 }), ends), 'y');
  return b.finish();
}

const types = (graph: Graph): Set<string> =>
  new Set([...graph.values.values(), ...graph.initializers.values()].map((t) => t.dtype));

test('bfloat16 inside: output and gradient are those of the weights in float32', async () => {
  const x = tensor(
    Float32Array.from({ length: 150 }, (_, i) => Math.cos(3 * i)),
    [2, 3, 5, 5],
  );
  const run = async (graph: Graph): Promise<number[][]> => {
    const extended = gradient(graph, { of: 'y', wrt: ['x'] });
    const session = await createSession(extended, { name: 'network' });
    const out = await session.run({ x });
    await session.release();
    return extended.outputs.map((o) => numbers(out[o.name] as AnyTensor));
  };
  const narrow = network('bfloat16');
  expect(types(narrow)).toContain('bfloat16');
  expect(types(gradient(narrow, { of: 'y', wrt: ['x'] }))).not.toContain('bfloat16');
  const [y, slope] = await run(narrow);
  expect([y, slope]).toEqual(await run(network('float32')));
  // In 8 bits of precision the gradient would be of a few sizes only.
  expect(new Set(slope?.map((v) => v.toFixed(6))).size).toBeGreaterThan(100);
});

test('bfloat16 inputs and outputs keep their type, and so does the gradient', () => {
  const extended = gradient(network('bfloat16', 'bfloat16'), { of: 'y', wrt: ['x'], cotangent: 'input' });
  const ends = [...extended.inputs, ...extended.outputs].map((v) => [v.name, v.dtype]);
  expect(ends).toEqual([
    ['x', 'bfloat16'],
    ['cotangent', 'bfloat16'],
    ['y', 'bfloat16'],
    ['grad_x', 'bfloat16'],
  ]);
  const computed = extended.nodes.filter((n) => n.op !== 'Cast' && n.op !== 'Identity');
  const made = computed.flatMap((n) => n.outputs.map((o) => extended.values.get(o)?.dtype));
  expect(made).toContain('float32');
  expect(made).not.toContain('bfloat16');
});
