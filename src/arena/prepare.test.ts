import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSmallArena, smallNetwork, smallRules, writeSmall } from '../../test/small-arena.ts';
import { told } from '../../test/told.ts';
import { encodePng } from '../data/index.ts';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../onnx/generated/onnx_pb.ts';
import { tensor, writeNpy } from '../tensor/index.ts';
import { planOf } from './plan.ts';
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

test('values of further inputs are part of what a model is', async () => {
  const scaled = smallNetwork('one', {
    logits: (b, y) => b.op('Mul', [y, b.input('scale', 'float32', ['N'])]),
  });
  await writeSmall(root, 'scaled', scaled);
  await writeFile(join(root, 'twos.npy'), writeNpy(tensor(Float32Array.of(2), [1])));
  await writeFile(join(root, 'threes.npy'), writeNpy(tensor(Float32Array.of(3), [1])));
  const given = (inputs: string): ReturnType<typeof prepare> =>
    prepare(smallRules.replace('one: one.onnx', `one: { file: scaled.onnx${inputs} }`));
  await expect(given('')).rejects.toMatchObject({ code: 'MODEL_INPUT' });
  const [number, again, other, file, otherFile] = await Promise.all(
    ['2', '2', '3', 'twos.npy', 'threes.npy'].map((value) => given(`, inputs: { scale: ${value} }`)),
  );
  expect(number?.run.models['one']?.[0]?.inputs).toEqual({ scale: 2 });
  expect(number?.subject({ model: 'one', chain: [] }).model).toMatchObject({ inputs: { scale: 2 } });
  expect(file?.subject({ model: 'one', chain: [] }).model).toMatchObject({
    inputs: { scale: join(root, 'twos.npy') },
  });
  const steps = [number, again, other, file, otherFile].map((arena) =>
    planOf((arena as NonNullable<typeof arena>).run)
      .next(new Map())
      .map((step) => step.id)
      .join(),
  );
  expect([steps[1] === steps[0], new Set(steps).size]).toEqual([true, 4]);
});

test('a network without its softmax is another model', async () => {
  const sure = smallNetwork('sure', { logits: (b, z) => b.op('Softmax', [z], { axis: 1 }) });
  await writeSmall(root, 'sure', sure);
  const given = (more: string): ReturnType<typeof prepare> =>
    prepare(smallRules.replace('one: one.onnx', `one: { file: sure.onnx${more} }`));
  const [whole, not, cut] = await Promise.all(['', ', logits: false', ', logits: true'].map(given));
  const specs = [whole, not, cut].map((arena) => arena?.subject({ model: 'one', chain: [] }).model);
  expect(specs.map((spec) => spec && 'logits' in spec && spec.logits)).toEqual([false, false, true]);
  expect(cut?.subject({ model: 'both', chain: [] }).model).toMatchObject({
    ensemble: [{ name: 'one', logits: true }, { name: 'two' }],
  });
  const steps = [whole, not, cut].map((arena) =>
    planOf((arena as NonNullable<typeof arena>).run)
      .next(new Map())
      .map((step) => step.id)
      .join(),
  );
  expect([steps[1] === steps[0], steps[2] === steps[0]]).toEqual([true, false]);
});

test('datasets that lack what the rules need, and models that do not fit them, are refused', async () => {
  const labels = await readFile(join(root, 'images/labels.csv'), 'utf8');
  await writeFile(join(root, 'bare.csv'), labels.replaceAll(/,\w+$/gm, ''));
  await writeFile(join(root, 'high.csv'), labels.replace(/^img00,\d+/m, 'img00,12'));
  await mkdir(join(root, 'grey'));
  const grey = await encodePng({ height: 8, width: 8, channels: 1, data: new Uint8Array(64) });
  await writeFile(join(root, 'grey/a.png'), grey);
  await mkdir(join(root, 'unlabelled'));
  await cp(join(root, 'images/img00.png'), join(root, 'unlabelled/img00.png'));
  await writeFile(join(root, 'grey/labels.csv'), 'id,label,target\na,1,2\n');
  const on = (dataset: string) => () =>
    prepare(smallRules.replace('{ images: images, labels: images/labels.csv }', `{ ${dataset} }`));
  expect(
    await told(
      {
        'no labels': on('images: unlabelled'),
        'no targets': on('images: images, labels: bare.csv'),
        'a label beyond the classes': on('images: images, labels: high.csv'),
        'another number of classes': on('images: images, labels: images/labels.csv, classes: 12'),
        'grey images': on('images: grey, labels: grey/labels.csv'),
      },
      root,
    ),
  ).toMatchInlineSnapshot(`
    "no labels: RULES ./rules.yaml: The dataset has no labels, so nothing can be scored. | Name a file of labels under dataset.labels.
    no targets: RULES ./rules.yaml: There are targeted attacks, but the dataset has no targets. | Add a column target to the labels, or take the targeted attacks out.
    a label beyond the classes: RULES ./rules.yaml: The model one has 10 classes, but the labels name 12. | Use models of the dataset, or correct dataset.offset.
    another number of classes: RULES ./rules.yaml: The model one has 10 classes, the dataset 12. | Use models of the dataset, or correct dataset.classes, or labels.offset in the sidecar.
    grey images: RULES ./rules.yaml: The model one takes images of 3 channels, the dataset has 1. | Use another model."
  `);
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
  expect(await told({ 'offsets 0 and 1': () => prepare(smallRules) }, root)).toMatchInlineSnapshot(
    `"offsets 0 and 1: RULES ./rules.yaml: The first class of one is label 0, that of two is label 1. | Correct labels.offset in the sidecar of one of them."`,
  );
});
