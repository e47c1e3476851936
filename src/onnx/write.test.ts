import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { int64, tensor } from '../tensor/index.ts';
import { ModelProtoSchema } from './generated/onnx_pb.ts';
import { GraphBuilder, writeModel } from './index.ts';

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
