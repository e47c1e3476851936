import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { told } from '../../test/told.ts';
import { trainedModel } from './entries.ts';
import { produce, zooEntry } from './index.ts';

const plain = `title: Small
seed: 3
network: { builder: convnet, stride: 2, widths: [8], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }
data: { dataset: roadsigns, seed: 5, count: 64 }
batch: 16
epochs: 1
optimizer: { name: sgd }
schedule: { name: one-cycle, rate: 0.1 }
`;
const taught = `${plain}defense: { name: ensemble-adversarial-training, options: { epsilon: 4/255 }, sources: [first] }\n`;

test('a network that is not trained is trained into the place where it is looked for', async () => {
  const zoo = await mkdtemp(path.join(tmpdir(), 'advarena-entries-'));
  onTestFinished(() => rm(zoo, { recursive: true }));
  for (const [name, recipe] of Object.entries({ first: plain, second: taught })) {
    await mkdir(path.join(zoo, name));
    await writeFile(path.join(zoo, name, 'recipe.yaml'), recipe);
  }
  const [first, second] = [await zooEntry('first', zoo), await zooEntry('second', zoo)];
  const folders = { out: path.join(zoo, 'out'), work: path.join(zoo, 'work'), zoo };
  const tries = {
    'a source': () => produce(second, folders),
    'the model of one': () => trainedModel(first),
    'another name': () => zooEntry('third', zoo),
  };
  const text = await told(tries, zoo);
  expect(text).toMatchInlineSnapshot(`
    "a source: ZOO_SOURCE second: The recipe learns from first, which is not trained yet. | Train it into the zoo: advarena zoo train first --out ./first.
    the model of one: ZOO_SOURCE The network first has not been trained yet. | Train it into the zoo: advarena zoo train first --out ./first, or name its file with --model.
    another name: UNKNOWN_NAME Unknown network of the zoo "third". Choose one of: first, second."
  `);
  // The training itself takes long: what it writes, where the remedy says, is found.
  const [out = ''] = /(?<=--out \.)\S+(?=\.\n)/.exec(text) ?? [];
  await writeFile(path.join(zoo, out, 'model.onnx'), 'a model');
  expect(trainedModel(await zooEntry('first', zoo))).toBe(path.join(zoo, 'first/model.onnx'));
  expect(await told({ 'a source': tries['a source'] }, zoo)).toMatch(/^a source: (?!ZOO_SOURCE)/);
});
