import { expect, test } from 'vitest';
import type { AdvarenaError } from '../tensor/index.ts';
import { parseRecipe, zooEntries, zooEntry } from './index.ts';

const good = `title: Small
seed: 1
network: { builder: convnet, widths: [8, 8] }
data: { dataset: roadsigns, seed: 1, count: 64 }
batch: 32
epochs: 1
optimizer: { name: sgd }
schedule: { name: one-cycle, rate: 0.1 }
defense: { name: adversarial-training, options: { epsilon: 8/255, steps: 3 } }
`;

function complaint(text: string): string {
  try {
    parseRecipe(text, 'recipe.yaml');
  } catch (error) {
    const { code, where, message, remedy } = error as AdvarenaError;
    return `${code} ${where}: ${message} | ${remedy}`;
  }
  return 'none';
}

test('a recipe that is right is read whole', () => {
  expect(parseRecipe(good, 'recipe.yaml')).toMatchObject({
    network: { builder: 'convnet', widths: [8, 8] },
    defense: { name: 'adversarial-training', options: { epsilon: '8/255', steps: 3 } },
  });
});

test('what is wrong in a recipe is named with its line', () => {
  expect([
    complaint(good.replace('epochs', 'epoch')),
    complaint(good.replace('widths', 'width')),
    complaint(good.replace('convnet', 'convnett')),
    complaint(good.replace('count: 64', 'count: 16')),
    complaint(good.replace('adversarial-training', 'adversarial-trainin')),
    complaint(good.replace('steps: 3', 'step: 3')),
    complaint(good.replace('8/255', '8/0')),
    complaint(
      good.replace(
        'adversarial-training, options: { epsilon: 8/255, steps: 3 }',
        'ensemble-adversarial-training',
      ),
    ),
    complaint(good.replace('steps: 3 }', 'steps: 3 }, sources: [a]')),
    complaint(good.replace('seed: 1\n', '')),
    complaint(`${good}batch: 3\n`),
  ]).toMatchInlineSnapshot(`
    [
      "RECIPE recipe.yaml:6:1: Unknown key "epoch". Did you mean "epochs"? | Its keys are title, twin, seed, network, data, batch, epochs, augmentation, smoothing, optimizer, schedule, clip, average, defense.",
      "RECIPE recipe.yaml:3:30: Unknown key "width" in network. Did you mean "widths"? | Its keys are builder, widths, dropout, stride, mean, std, depth, filters, patch, size, blocks, heads, kernel, layerScale.",
      "RECIPE recipe.yaml:3:21: network.builder is "convnett"; write "convnet", "resnet", "mobilenet", "vit" or "convnext". Did you mean "convnet"? | See docs/formats.md for the entries of a recipe.",
      "RECIPE recipe.yaml:4:45: 16 photographs do not fill a batch of 32. | Take smaller batches or more photographs.",
      "RECIPE recipe.yaml:9:10: Unknown training defense "adversarial-trainin". Choose one of: adversarial-training, ensemble-adversarial-training. Did you mean "adversarial-training"? | undefined",
      "RECIPE recipe.yaml:9:10: The defense adversarial-training has no option "step". Did you mean "steps"? | Its options are epsilon, steps, stepSize, share, rise.",
      "RECIPE recipe.yaml:9:10: The option epsilon of the defense adversarial-training is "8/0": The epsilon "8/0" is no positive number. | Correct it; the options of the defense adversarial-training are epsilon, steps, stepSize, share, rise.",
      "RECIPE recipe.yaml:9:10: The defense ensemble-adversarial-training learns from other networks, and none is named. | Name networks of the zoo under sources.",
      "RECIPE recipe.yaml:9:10: The defense adversarial-training learns from no other network. | Leave sources out.",
      "RECIPE recipe.yaml:1:1: The key seed is missing. | See docs/formats.md for the entries of a recipe.",
      "RECIPE recipe.yaml:10:1: This is no YAML: Map keys must be unique | Mend the line; a value with a colon or a hash in it needs quotes.",
    ]
  `);
});

test('every recipe of the zoo is right, and its twin and sources are there', async () => {
  const entries = await zooEntries();
  expect(entries.length).toBeGreaterThan(6);
  const names = entries.map((e) => e.name);
  for (const { recipe } of entries) {
    const others = [...(recipe.twin === undefined ? [] : [recipe.twin]), ...(recipe.defense?.sources ?? [])];
    for (const other of others) expect(names).toContain(other);
    expect(recipe.defense === undefined).toBe(recipe.twin === undefined);
  }
});

test('a name that the zoo does not know gets the nearest', async () => {
  await expect(zooEntry('roadsigns-resnett')).rejects.toThrow('Did you mean "roadsigns-resnet"?');
});
