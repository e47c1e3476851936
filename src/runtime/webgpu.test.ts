import { expect, test } from 'vitest';
import { GraphBuilder } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { forWebGpu } from './webgpu.ts';

test('what WebGPU fails on stays on the CPU, and nothing else', () => {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 2, 8, 8]);
  const [pooled = '', indices = ''] = b.node('MaxPool', [x], { kernel_shape: [2, 2] }, { outputs: 2 });
  b.output(b.op('Relu', [b.op('MaxPool', [pooled], { kernel_shape: [2, 2] })]), 'y');
  b.output(b.op('Identity', [indices]), 'places');
  const kernel = b.constant(tensor(new Float32Array(16), [2, 1, 2, 2, 2]));
  const volume = b.input('volume', 'float32', ['N', 2, 4, 4, 4]);
  b.output(b.op('ConvTranspose', [volume, kernel]), 'deep');
  b.output(b.op('Einsum', [x], { equation: '...i->...' }), 'sums');
  b.output(b.op('Einsum', [x], { equation: 'abci->abc' }), 'plain');
  const ends = (step: number): string[] => [
    b.ints([step < 0 ? 7 : 0]),
    b.ints([step < 0 ? -9 : 8]),
    b.ints([3]),
    b.ints([step]),
  ];
  b.output(b.op('Slice', [x, ...ends(-1)]), 'mirrored');
  b.output(b.op('Slice', [x, ...ends(2)]), 'thinned');
  const { graph, provider } = forWebGpu(b.finish());
  const kept = graph.nodes.filter((n) => provider.forceCpuNodeNames?.includes(n.name));
  expect(kept.map((n) => n.op)).toEqual(['MaxPool', 'ConvTranspose', 'Einsum', 'Slice']);
  expect(kept.map((n) => n.outputs[0])).toContain(pooled);
  expect(provider).toMatchObject({ name: 'webgpu', preferredLayout: 'NCHW' });
});

test('a graph without such nodes names none', () => {
  const b = new GraphBuilder();
  b.output(b.op('Relu', [b.input('x', 'float32', ['N'])]), 'y');
  expect(forWebGpu(b.finish()).provider).toEqual({ name: 'webgpu', preferredLayout: 'NCHW' });
});
