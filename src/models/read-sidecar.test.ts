import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { channelMeans, identity } from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { writeModel } from '../onnx/index.ts';
import { loadModel, readNetwork } from './load.ts';
import { readSidecar } from './read-sidecar.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-sidecar-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);
const model = (name: string, sidecar?: string | Uint8Array): string => {
  writeFileSync(file(`${name}.onnx`), writeModel(channelMeans(identity)));
  if (sidecar !== undefined) writeFileSync(file(`${name}.json`), sidecar);
  return file(`${name}.onnx`);
};
const codesOf = async (name: string, sidecar?: string): Promise<string[]> =>
  (await loadModel(model(name, sidecar))).flags.map((f) => f.code);

test('one line is a sidecar', async () => {
  const one = model('one', '{"preprocessing": {"mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}}');
  const read = await readNetwork(one);
  expect([read.name, read.sidecarFile]).toEqual(['one', file('one.json')]);
  expect(read.sidecar()).toEqual({
    input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: 'RGB' },
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    output: { name: 'y', kind: 'logits', classes: 3 },
  });
});

test('what is not known of preprocessing is flagged, and what looks swapped', async () => {
  const imagenet = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
  const swapped = { mean: imagenet.mean.toReversed(), std: imagenet.std.toReversed() };
  const caffe = { mean: [103.939 / 255, 116.779 / 255, 123.68 / 255] };
  const write = (preprocessing: object, channels = 'RGB'): string =>
    JSON.stringify({ input: { channels }, preprocessing });
  expect(await codesOf('none')).toEqual(['NO_SIDECAR']);
  expect(await codesOf('empty', '{}')).toEqual(['NO_PREPROCESSING']);
  expect(await codesOf('plain', '{"preprocessing": {}}')).toEqual([]);
  expect(await codesOf('right', write(imagenet))).toEqual([]);
  expect(await codesOf('known', write({ ...imagenet, alike: [] }))).toEqual([]);
  expect(await codesOf('guess', write({ ...swapped, alike: ['CLIP mean and std'] }))).toEqual([
    'PREPROCESSING_GUESSED',
    'CHANNELS_SWAPPED',
  ]);
  expect(await codesOf('bgr', write(swapped, 'BGR'))).toEqual([]);
  expect(await codesOf('swapped', write(swapped))).toEqual(['CHANNELS_SWAPPED']);
  expect(await codesOf('other', write(imagenet, 'BGR'))).toEqual(['CHANNELS_SWAPPED']);
  expect(await codesOf('caffe', write(caffe))).toEqual(['CHANNELS_SWAPPED']);
  const rounded = { mean: [104 / 255, 117 / 255, 123 / 255] };
  expect(await codesOf('rounded', write(rounded))).toEqual(['CHANNELS_SWAPPED']);
  expect(await codesOf('rounded-bgr', write(rounded, 'BGR'))).toEqual([]);
  expect(await codesOf('cifar', write({ mean: [0.4465, 0.4822, 0.4914] }))).toEqual(['CHANNELS_SWAPPED']);
  expect(await codesOf('farther', write({ mean: [107 / 255, 117 / 255, 123 / 255] }))).toEqual([]);
});

test('a model behind a link finds its sidecar beside the link, else beside what it leads to', async () => {
  mkdirSync(file('links'), { recursive: true });
  const target = model('target', '{"name": "of the target"}');
  const link = file('links/other.onnx');
  symlinkSync(target, link);
  expect((await readNetwork(link)).name).toBe('of the target');
  expect(await readSidecar(link)).toMatchObject({ file: file('target.json') });
  writeFileSync(file('links/other.json'), '{"name": "of the link"}');
  expect((await readNetwork(link)).name).toBe('of the link');
});

test('editors may mark the encoding', async () => {
  const utf16 = Buffer.from('\u{FEFF}{"name": "dés"}', 'utf16le');
  expect((await readNetwork(model('wide', utf16))).name).toBe('dés');
  expect((await readNetwork(model('swab', Buffer.from(utf16).swap16()))).name).toBe('dés');
  expect((await readNetwork(model('marked', '\u{FEFF}{"name": "dés"}'))).name).toBe('dés');
  const latin = model('latin', Buffer.from('{"name": "dés"}', 'latin1'));
  expect(await told({ 'another encoding': () => readNetwork(latin) }, file(''))).toMatchInlineSnapshot(
    `"another encoding: SIDECAR ./latin.json: The file is no text in UTF-8. | Save it as UTF-8."`,
  );
});

test('what declines is one number per image', async () => {
  const several = model('several', '{"outputs": {"reject": "y", "seen": "y"}}');
  await expect(loadModel(several)).rejects.toMatchObject({
    code: 'OUTPUT',
    message: 'outputs.reject is the tensor "y", which has [3] numbers for each image, not one.',
    where: file('several.json'),
  });
  expect((await loadModel(model('one-each', '{"outputs": {"seen": "y"}}'))).classes).toBe(3);
});
