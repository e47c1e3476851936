import { expect, test } from 'vitest';
import { withCures } from './cures.ts';

const models = new Map([
  ['a.b', 'of/a b.onnx'],
  ['a.b c', "it's.onnx"],
]);
const images = 'dev images';
const said = (code: string, message: string, more: object = {}): string | undefined =>
  withCures([{ code, message }], models, { images, ...more })[0]?.message;

test('what images may tell has the command that asks them', () => {
  const command = "advarena sidecar 'of/a b.onnx' --images 'dev images'";
  expect(said('CLEAN_AT_CHANCE', 'a.b is right on 0 of 24 clean images.')).toBe(
    `a.b is right on 0 of 24 clean images. Labelled images may tell: ${command} --force`,
  );
  const more = { labels: 'l.csv', size: 224, input: { 'keep prob': 1, flag: true, mask: 'mask.npy' } };
  expect(said('NO_PREPROCESSING', 'The sidecar of a.b says nothing.', more)).toBe(
    `The sidecar of a.b says nothing. Labelled images may tell: ${command} --labels l.csv --size 224 --input 'keep prob=1' --input flag=true --force`,
  );
  expect(said('PREPROCESSING_GUESSED', 'The mean and std of a.b c are a guess.', { images: 'i' })).toBe(
    String.raw`The mean and std of a.b c are a guess. Labelled images may tell: advarena sidecar 'it'\''s.onnx' --images i --force`,
  );
  expect(said('NO_SIDECAR', 'a.b has no sidecar. Write one: advarena sidecar MODEL.onnx.')).toBe(
    `a.b has no sidecar. Write one. Labelled images may tell: ${command} --force`,
  );
});

test('other flags, and those of no file, stay as they are', () => {
  for (const [code, message] of [
    ['CHANNELS_SWAPPED', 'The means of a.b are known ones.'],
    ['CLEAN_AT_CHANCE', 'axb is right on 0 of 24 clean images.'],
    ['NO_SIDECAR', 'a.bc has no sidecar.'],
  ] as const)
    expect(said(code, message)).toBe(message);
});
