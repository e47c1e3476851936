import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSmallArena, smallRules } from '../../test/small-arena.ts';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../onnx/generated/onnx_pb.ts';
import { prepareArena } from './prepare.ts';
import { parseRules } from './rules.ts';

let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-prepare-'));
  await makeSmallArena(root);
});
afterAll(() => rm(root, { recursive: true }));

function prepare(text: string): ReturnType<typeof prepareArena> {
  const file = join(root, 'rules.yaml');
  return prepareArena(parseRules(text, file), file);
}

/** Moves the weights of a model into a file beside it, as exporters of large models do. */
async function externalise(from: string, folder: string): Promise<void> {
  const proto = fromBinary(ModelProtoSchema, await readFile(join(root, `${from}.onnx`)));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const weights of proto.graph?.initializer ?? []) {
    const bytes = weights.rawData;
    weights.rawData = new Uint8Array(0);
    weights.dataLocation = TensorProto_DataLocation.EXTERNAL;
    weights.externalData = Object.entries({ location: 'weights.bin', offset, length: bytes.length }).map(
      ([key, value]) => create(StringStringEntryProtoSchema, { key, value: String(value) }),
    );
    parts.push(bytes);
    offset += bytes.length;
  }
  if (proto.graph !== undefined) proto.graph.name = 'net';
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, 'net.onnx'), toBinary(ModelProtoSchema, proto));
  await writeFile(join(root, folder, 'weights.bin'), Buffer.concat(parts));
  await cp(join(root, `${from}.json`), join(root, folder, 'net.json'));
}

test('networks that differ in their external weights alone are different networks', async () => {
  for (const name of ['one', 'two']) await externalise(name, name);
  const [a, b] = await Promise.all(['one', 'two'].map((f) => readFile(join(root, f, 'net.onnx'))));
  expect(a).toEqual(b);
  const text = smallRules.replace('one.onnx', 'one/net.onnx').replace('two.onnx', 'two/net.onnx');
  const { run } = await prepare(text);
  expect(run.models['one']?.[0]?.onnx).toMatch(/^[0-9a-f]{64}$/);
  expect(run.models['one']?.[0]?.onnx).not.toBe(run.models['two']?.[0]?.onnx);
});

test('models that call class 0 by different labels are refused', async () => {
  const sidecar = async (name: string, labels: object): Promise<void> => {
    const path = join(root, `${name}.json`);
    const said = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...said, labels }));
  };
  await sidecar('one', { offset: 0 });
  expect((await prepare(smallRules)).run.dataset.labelOffset).toBe(0);
  await sidecar('two', { offset: 1 });
  await expect(prepare(smallRules)).rejects.toMatchObject({
    code: 'RULES',
    message: 'The first class of one is label 0, that of two is label 1.',
  });
});
