import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadModel } from '../models/index.ts';
import { openHosts, sha256 } from '../runtime/index.ts';
import { measure, openPool, parseRecipe, produce, readLog, trainRecipe } from './index.ts';

const recipe = parseRecipe(
  `title: Small
seed: 3
network: { builder: convnet, stride: 2, widths: [8, 8], mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }
data: { dataset: roadsigns, seed: 5, count: 32 }
batch: 8
epochs: 2
augmentation: { shift: 2 }
optimizer: { name: sgd, nesterov: true, decay: 0.0005 }
schedule: { name: one-cycle, rate: 0.1 }
defense: { name: adversarial-training, options: { epsilon: 4/255, steps: 1, rise: 4 } }
`,
  'recipe.yaml',
);

async function temporary(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'advarena-zoo-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

test('a pool gives the same photographs from the renderer and from its files, and renders anew what is damaged', async () => {
  const folder = await temporary();
  const open = async (): Promise<{ hash: string; labels: Uint8Array }> => {
    const pool = await openPool({ part: 'train', seed: 5, count: 20, folder });
    await pool.ready(20);
    return { hash: sha256(pool.images.data), labels: pool.labels };
  };
  const first = await open();
  expect(new Set(first.labels).size).toBe(16);
  const [own = ''] = await readdir(folder);
  const file = path.join(folder, own, '00000.bin');
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(0, bytes.length / 2));
  expect(await open()).toEqual(first);
  expect((await readFile(file)).length).toBe(bytes.length);
  expect(await open()).toEqual(first);
});

test('a recipe trains the same network in one go and with a stop, and the network is a model', async () => {
  const work = await temporary();
  const photographs = path.join(work, 'photographs');
  const whole = await trainRecipe(recipe, { folder: await temporary(), photographs });
  const entry = { name: 'small', folder: '', recipe, model: undefined };
  const stop = new AbortController();
  const options = { out: path.join(work, 'out'), work };
  await expect(
    produce(entry, {
      ...options,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 5) stop.abort(new Error('enough'));
      },
    }),
  ).rejects.toThrow('enough');
  const rest = await produce(entry, options);
  for (const name of whole.network.parameters)
    expect(rest.network.graph.initializers.get(name)).toEqual(whole.network.graph.initializers.get(name));
  const log = await readLog(path.join(options.out, 'training.jsonl'));
  expect(log.at(-1)).toMatchObject({ step: 8, steps: 8 });
  const model = await loadModel(path.join(options.out, 'model.onnx'));
  expect(model).toMatchObject({ classes: 16, input: { height: 64, width: 64 } });
  await model.release();

  await using hosts = openHosts({ count: 1 });
  const trials = [
    { name: 'nothing', attack: 'noop', epsilon: 0.1 },
    { name: 'huge', attack: 'pgd', options: { steps: 5 }, epsilon: 1 },
  ];
  const measured = {
    model: path.join(options.out, 'model.onnx'),
    trials,
    images: { seed: 1, count: 32 },
    work,
    photographs,
    hosts,
  };
  const results = await measure(measured);
  expect(results.map((r) => r.name)).toEqual(['clean', 'nothing', 'huge']);
  const [clean = '', nothing, huge = ''] = results.map((r) => r.right);
  expect(clean).toMatch(/^[01]{32}$/);
  expect(clean).toContain('1');
  expect(nothing).toBe(clean);
  expect(huge).toMatch(new RegExp(`^${clean.replaceAll('1', '[01]')}$`));
  expect(huge.split('1').length).toBeLessThan(clean.split('1').length);
  expect(await measure(measured)).toEqual(results);
}, 180_000);
