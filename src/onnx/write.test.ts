import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { int64, tensor } from '../tensor/index.ts';
import { ModelProtoSchema } from './generated/onnx_pb.ts';
import { GraphBuilder, writeModel, writeParts } from './index.ts';

test('the bytes are those of the protobuf library, constants of every kind included', () => {
  const b = new GraphBuilder(undefined, { opset: 18, name: 'constants' });
  const x = b.input('x', 'float32', ['N', 3]);
  const weight = b.constant(tensor(Float32Array.from([1.5, -2, Number.NaN]), [3]), 'weight');
  const added = b.op('Add', [x, weight]);
  b.constant(int64([]), 'empty');
  b.constant({ dtype: 'string', shape: [2], data: ['a', 'ü'] }, 'words');
  b.constant(tensor(new Float32Array(70_000).fill(3), [700, 100]), 'large');
  b.output(b.op('Reshape', [added, b.ints([0, 3])]), 'y');
  const graph = { ...b.finish(), metadata: { author: 'nobody' } };
  expect(graph.initializers.size).toBe(5);
  const bytes = writeModel(graph);
  expect(Buffer.compare(bytes, toBinary(ModelProtoSchema, fromBinary(ModelProtoSchema, bytes)))).toBe(0);
});

test('written in parts, a model names its large weights, which are not copied, and embeds the small', () => {
  const b = new GraphBuilder();
  const large = tensor(new Float32Array(2048).fill(2), [2048]);
  const half = tensor(new Uint16Array(5000).subarray(2000), [3000], 'float16');
  const x = b.input('x', 'float32', ['N', 2048]);
  const sum = b.op('Add', [b.op('Mul', [x, b.constant(large, 'large')]), b.scalar(1)]);
  b.constant(half, 'half');
  b.output(sum, 'y');
  const { model, weights } = writeParts(b.finish());
  expect(weights.map(({ data }) => [data.buffer, data.byteOffset, data.byteLength])).toEqual([
    [large.data.buffer, 0, 8192],
    [half.data.buffer, 4000, 6000],
  ]);
  const written = fromBinary(ModelProtoSchema, model).graph?.initializer ?? [];
  expect(written.map((t) => t.externalData.map(({ key, value }) => [key, value]))).toEqual([
    [
      ['location', weights[0]?.path],
      ['offset', '0'],
      ['length', '8192'],
    ],
    [],
    [
      ['location', weights[1]?.path],
      ['offset', '0'],
      ['length', '6000'],
    ],
  ]);
});
