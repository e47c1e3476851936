import { expect, test } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import { type AnyTensor, numbers, scalar, tensor } from '../src/tensor/index.ts';
import { drawn, outputsOf } from './differences.ts';

// Scales of quantisation, straight through the rounding: for s·q with q = round(x/s) the derivative by s is q − x/s,
// and q alone where it saturates (arXiv:1902.08153, equation 3).

const x = tensor(Float32Array.of(0.31, -0.52, 1.27, 40, -40, 0.06), [2, 3]);

/** The derivative of each element by its scale. */
const slope = (v: number, s: number, zero: number): number => {
  const q = Math.round(v / s) + zero;
  if (q < 0) return -zero;
  return q > 255 ? 255 - zero : q - zero - v / s;
};

test.for([
  ['one', [0.11], undefined],
  ['one per column', [0.11, 0.07, 0.13], 1],
  ['one per row', [0.11, 0.09], 0],
] as const)('scale: %s', async ([, scales, axis]) => {
  const b = new GraphBuilder();
  const input = b.input('x', 'float32', [2, 3]);
  const shape = axis === undefined ? [] : [scales.length];
  const s = b.input('s', 'float32', shape);
  const zeros: AnyTensor = { dtype: 'uint8', shape, data: new Uint8Array(scales.length).fill(120) };
  const attributes = axis === undefined ? {} : { axis };
  const q = b.op('QuantizeLinear', [input, s, b.constant(zeros)], attributes);
  b.output(b.op('DequantizeLinear', [q, s, b.constant(zeros)], attributes), 'y');
  const graph = b.finish();
  expect(inspect(graph, { wrt: 's' }).differentiable).toBe(true);
  const extended = gradient(graph, { of: 'y', wrt: ['s'], cotangent: 'input', keep: [] });
  const cotangent = drawn([2, 3], 0.5, 1.5, 1);
  const feeds = { x, s: tensor(Float32Array.from(scales), shape), cotangent };
  const found = (await outputsOf(extended, feeds))['grad_s'] as AnyTensor;
  const wanted = scales.map(() => 0);
  for (const [i, v] of x.data.entries()) {
    const at = axis === undefined ? 0 : axis === 1 ? i % 3 : Math.floor(i / 3);
    wanted[at] =
      (wanted[at] as number) +
      (cotangent.data[i] as number) * slope(v, Math.fround(scales[at] as number), 120);
  }
  expect(found.shape).toEqual(shape);
  for (const [i, v] of numbers(found).entries()) expect(v).toBeCloseTo(wanted[i] as number, 3);
});

test('the scale of DynamicQuantizeLinear alone, and the scales of blocks, are refused', () => {
  const b = new GraphBuilder(undefined, { opset: 21 });
  const [, scale] = b.node('DynamicQuantizeLinear', [b.input('x', 'float32', [4])], {}, { outputs: 3 });
  const [q, s] = [b.input('q', 'int8', [4]), b.input('s', 'float32', [2])];
  b.output(scale as string, 'scale');
  b.output(
    b.op('DequantizeLinear', [q, s, b.constant(scalar(0, 'int8'))], { axis: 0, block_size: 2 }),
    'real',
  );
  const graph = b.finish();
  const refused = (of: string, wrt: string): string[] =>
    inspect(graph, { of, wrt }).blocking.map((n) => n.why);
  expect(refused('scale', 'x')).toEqual(['The scale of DynamicQuantizeLinear alone has no gradient.']);
  expect(refused('real', 's')).toHaveLength(1);
});
