import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { GraphProto, TensorProto } from '../onnx/generated/onnx_pb.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../onnx/generated/onnx_pb.ts';
import { GraphBuilder, writeModel } from '../onnx/index.ts';
import type { AnyTensor } from '../tensor/index.ts';
import { numbers, tensor } from '../tensor/index.ts';
import { readGraph } from './load.ts';

let root: string;
let folder: string;

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'advarena-external-'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync(path.join(root, 'model-'));
});

const weights = Float32Array.of(1, 2, 3);

/** A model x + w whose w lies at an offset of another file. @returns its path */
function model(location: string, offset = 0): string {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3]);
  b.output(b.op('Add', [x, b.constant(tensor(weights, [3]), 'w')]), 'y');
  const message = fromBinary(ModelProtoSchema, writeModel(b.finish()));
  const [w] = (message.graph as GraphProto).initializer as [TensorProto];
  w.rawData = new Uint8Array();
  w.dataLocation = 1;
  w.externalData = Object.entries({ location, offset, length: 12 }).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value: String(value) }),
  );
  const file = path.join(folder, 'net.onnx');
  writeFileSync(file, toBinary(ModelProtoSchema, message));
  return file;
}

const bytes = new Uint8Array(weights.buffer);

const refused = (file: string): Promise<unknown> =>
  readGraph(file).then(
    () => undefined,
    (error: unknown) => JSON.parse(JSON.stringify(error)) as unknown,
  );

test('three gigabytes of which twelve bytes are needed', async () => {
  const file = model('w.bin', 2 ** 31 + 8);
  writeFileSync(path.join(folder, 'w.bin'), '');
  truncateSync(path.join(folder, 'w.bin'), 3 * 2 ** 30);
  const graph = await readGraph(file);
  expect(numbers(graph.initializers.get('w') as AnyTensor)).toEqual([0, 0, 0]);
});

test('a file that ends before', async () => {
  const file = model('w.bin', 4);
  writeFileSync(path.join(folder, 'w.bin'), bytes);
  expect(await refused(file)).toEqual({
    code: 'ONNX_EXTERNAL',
    message: 'The constant "w" needs bytes 4 to 16 of "w.bin", which ends before.',
    where: file,
    remedy: 'The data file is cut short or of another model: copy it again.',
  });
});

test.for(['missing.bin', 'a folder', '.', './', 'w\0.bin'])('what cannot be read: %j', async (location) => {
  mkdirSync(path.join(folder, 'a folder'));
  const file = model(location);
  expect(await refused(file)).toEqual({
    code: 'ONNX_EXTERNAL',
    message: `Weights are kept in "${location}", which cannot be read.`,
    where: file,
    remedy: 'Put that file beside the model: the two belong together.',
  });
});

test('a pointer of Git LFS in the place of the model, or of its weights', async () => {
  const text = 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n';
  const file = model('w.bin');
  const said = (where: string) => ({
    code: 'ONNX_READ',
    message: 'This is a pointer of Git LFS, in the place of the file itself.',
    where,
    remedy: 'Fetch the file: git lfs pull.',
  });
  writeFileSync(path.join(folder, 'w.bin'), text);
  expect(await refused(file)).toEqual(said(path.join(folder, 'w.bin')));
  writeFileSync(file, text);
  expect(await refused(file)).toEqual(said(file));
});

test('a link out of the folder, to a file and to a folder', async () => {
  const secret = mkdtempSync(path.join(root, 'secret-'));
  writeFileSync(path.join(secret, 'w.bin'), bytes);
  symlinkSync(path.join(secret, 'w.bin'), path.join(folder, 'w.bin'));
  symlinkSync(secret, path.join(folder, 'inner'));
  for (const location of ['w.bin', 'inner/w.bin']) {
    const file = model(location);
    expect(await refused(file)).toEqual({
      code: 'ONNX_EXTERNAL',
      message: `Weights are kept in "${location}", a link out of the model's folder.`,
      where: file,
      remedy: 'Put the file itself beside the model.',
    });
  }
});

test('links to a model and its data that lie together elsewhere', async () => {
  const file = model('w.bin');
  writeFileSync(path.join(folder, 'w.bin'), bytes);
  const shown = mkdtempSync(path.join(root, 'shown-'));
  for (const name of ['net.onnx', 'w.bin']) symlinkSync(path.join(folder, name), path.join(shown, name));
  for (const at of [file, path.join(shown, 'net.onnx')]) {
    const graph = await readGraph(at);
    expect(numbers(graph.initializers.get('w') as AnyTensor)).toEqual([1, 2, 3]);
  }
});
