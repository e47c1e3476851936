import { describe, expect, test } from 'vitest';
import { rulesErrorOf as errorOf, goodRules as good } from '../../test/rules-text.ts';
import { parseEpsilon } from '../catalog/index.ts';
import { parseRules, rulesJsonSchema } from './index.ts';

test('resolves every default', () => {
  const rules = parseRules(good, 'rules.yaml');
  expect(rules).toMatchObject({
    norm: 'linf',
    epsilons: [8 / 255, 0.1],
    epsilonPerBatch: 'all',
    batch: { size: 100, seconds: 500 },
    examples: 6,
    models: {
      one: { file: 'one.onnx' },
      both: { ensemble: ['one', 'two'], fuse: 'logits', weights: [1, 3] },
    },
  });
  const bare = parseRules(
    good.replace('two: ../two.onnx', 'two: { file: two.onnx, logits: false }'),
    'rules.yaml',
  );
  expect(bare.models['two']).toEqual({ file: 'two.onnx' });
  expect(rules.attacks).toEqual([
    {
      name: 'noise',
      attack: 'random-noise',
      options: {},
      through: [],
      goal: 'untargeted',
      labels: 'true',
      radius: 'fixed',
      sources: [],
      opponent: 'none',
      baseline: true,
    },
    {
      name: 'mi',
      attack: 'mi-fgsm',
      options: {
        steps: 3,
        decay: 1,
        nesterov: false,
        neighbours: 0,
        neighbourhood: 1.5,
        kernel: 1,
        loss: 'cross-entropy',
      },
      through: [],
      goal: 'untargeted',
      labels: 'predicted',
      radius: 'fixed',
      sources: [{ model: 'both', chain: [] }],
      opponent: 'none',
      baseline: false,
    },
    {
      name: 'iter',
      attack: 'iter-target-class',
      options: { steps: 20, smoothing: 0 },
      through: [{ name: 'bpda', options: { backward: 'surrogate' } }],
      goal: 'targeted',
      labels: 'true',
      radius: 'fixed',
      sources: [{ model: 'two', chain: rules.defenses[1]?.chain }],
      opponent: 'none',
      baseline: false,
    },
  ]);
  expect(rules.defenses[1]?.chain.map((link) => link.name)).toEqual(['jpeg', 'bit-depth']);
});

test('a dataset may be named instead of its files', () => {
  const rendered = 'dataset: { name: roadsigns, seed: secret, count: 20 }';
  const { dataset } = parseRules(good.replace(/dataset:.*/, rendered), 'rules.yaml');
  expect(dataset).toEqual({ name: 'roadsigns', seed: 'secret', count: 20, part: 'dev' });
});

describe('refuses, with line, column and remedy', () => {
  test('datasets of either kind by the keys of that kind', () => {
    const dataset = (entries: string) => errorOf(/dataset:.*/, `dataset: { ${entries} }`);
    expect([
      dataset('name: roadsigns, seed: 1, cuont: 3'),
      dataset('name: roadsigns, seed: 1'),
      dataset('name: roadsings, seed: 1, count: 3'),
      dataset('name: roadsigns, seed: 1, count: 0'),
      dataset('images: images, lables: labels.csv'),
      dataset('labels: labels.csv'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:3:38: Unknown key "cuont" in dataset. Did you mean "count"? | Its keys are images, labels, limit, offset, classes, name, seed, count, part.",
        "RULES rules.yaml:3:10: The key dataset.count is missing. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:3:18: dataset.name is "roadsings"; write "roadsigns". Did you mean "roadsigns"? | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:3:45: dataset.count is 0; write a whole number of at least 1. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:3:28: Unknown key "lables" in dataset. Did you mean "labels"? | Its keys are images, labels, limit, offset, classes, name, seed, count, part.",
        "RULES rules.yaml:3:10: The key dataset.images is missing. | See docs/formats.md for the entries of a competition file.",
      ]
    `);
  });

  test('what is no YAML or lacks a key', () => {
    expect([
      errorOf('seed: 1', 'seed: [1'),
      errorOf('seed: 1', 'seed: 1\nseed: 2'),
      errorOf('seed: 1\n', ''),
      errorOf('seed: 1', 'seed: one'),
      errorOf(/attacks:[^]*defenses/, 'attacks: {}\ndefenses'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:3:1: This is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ] | Mend the line; a value with a colon or a hash in it needs quotes.",
        "RULES rules.yaml:3:1: This is no YAML: Map keys must be unique | Mend the line; a value with a colon or a hash in it needs quotes.",
        "RULES rules.yaml:1:1: The key seed is missing. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:2:7: seed is "one"; write a whole number of at least 0. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:9:10: There are no attacks. | Name one under attacks.",
      ]
    `);
  });

  test('misspelt keys and names', () => {
    expect([
      errorOf('epsilons:', 'epsilon:'),
      errorOf('options: { steps: 3 }', 'option: { steps: 3 }'),
      errorOf('steps: 3', 'step: 3'),
      errorOf('steps: 3', 'steps: 0'),
      errorOf('mi-fgsm', 'mi-fgms'),
      errorOf('[bpda]', '[bdpa]'),
      errorOf('sources: both', 'sources: bot'),
      errorOf('model: two', 'model: tow'),
      errorOf('[jpeg,', '[jpg,'),
      errorOf('bits: 4', 'bit: 4'),
      errorOf('weights: [1, 3]', 'weight: [1, 3]'),
      errorOf('ensemble: [one, two]', 'ensemble: [one, tow]'),
      errorOf('above: [mi]', 'above: [min]'),
      errorOf('on: [one]', 'on: [two]'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:4:1: Unknown key "epsilon". Did you mean "epsilons"? | Its keys are name, seed, dataset, norm, epsilons, epsilonPerBatch, draws, labels, batch, models, attacks, defenses, comparisons, examples.",
        "RULES rules.yaml:11:41: Unknown key "option" in attacks.mi. Did you mean "options"? | Its keys are attack, sources, opponent, queries, options, through, goal, labels, baseline.",
        "RULES rules.yaml:11:50: The attack mi-fgsm has no option "step". Did you mean "steps"? | Its options are steps, stepSize, decay, nesterov, neighbours, neighbourhood, kernel, loss.",
        "RULES rules.yaml:11:50: The option steps of the attack mi-fgsm is 0; allowed: whole number from 1. | Correct it; the options of the attack mi-fgsm are steps, stepSize, decay, nesterov, neighbours, neighbourhood, kernel, loss.",
        "RULES rules.yaml:11:17: Unknown attack "mi-fgms". Choose one of: .... Did you mean "mi-fgsm"? | undefined",
        "RULES rules.yaml:12:63: Unknown view "bdpa". Choose one of: .... Did you mean "bpda"? | undefined",
        "RULES rules.yaml:11:35: Unknown model or defense "bot". Choose one of: one, two, both, hard. Did you mean "both"? | undefined",
        "RULES rules.yaml:15:18: Unknown model "tow". Choose one of: one, two, both. Did you mean "two"? | undefined",
        "RULES rules.yaml:15:31: Unknown defense "jpg". Choose one of: .... Did you mean "jpeg"? | undefined",
        "RULES rules.yaml:15:37: The defense bit-depth has no option "bit". Did you mean "bits"? | Its options are bits.",
        "RULES rules.yaml:8:33: Unknown key "weight" in models.both. Did you mean "weights"? | Its keys are file, inputs, logits, ensemble, fuse, weights.",
        "RULES rules.yaml:8:27: Unknown model "tow". Choose one of: one, two. Did you mean "two"? | undefined",
        "RULES rules.yaml:17:30: Unknown attack "min". Choose one of: .... Did you mean "mi"? | undefined",
        "RULES rules.yaml:17:56: Unknown defense "two". Choose one of: .... | undefined",
      ]
    `);
  });

  test('what does not fit together', () => {
    expect([
      errorOf('sources: both, ', ''),
      errorOf('attack: random-noise', 'attack: random-noise, sources: one'),
      errorOf('seed: 1', 'seed: 1\nnorm: l2'),
      errorOf('iter-target-class', 'iter-target-class, goal: untargeted'),
      errorOf('[1, 3]', '[1]'),
      errorOf('  hard:', '  both: { model: one }\n  hard:'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:11:7: The attack mi-fgsm needs sources. | Name under sources the models that it may open, or let it ask the defense that it meets: opponent: gradient.",
        "RULES rules.yaml:10:43: The attack random-noise opens no model. | Leave its sources out.",
        "RULES rules.yaml:11:20: The attack random-noise does not work in l2. | Its norms are linf.",
        "RULES rules.yaml:12:44: The attack iter-target-class has no untargeted form. | Its goals are targeted, least-likely.",
        "RULES rules.yaml:8:42: 1 weights for 2 members. | Give one weight per member.",
        "RULES rules.yaml:11:35: "both" is both a model and a defense. | Rename the defense.",
      ]
    `);
  });

  test('epsilons that are no positive numbers', () => {
    for (const epsilon of ['0', '-1/255', '8/0', '0/255', 'eight', '1e'])
      expect(errorOf('8/255', epsilon)).toMatch(
        /^RULES rules\.yaml:4:12: The epsilon .* is no positive number/,
      );
    expect(errorOf('0.1', '8/255')).toMatchInlineSnapshot(
      `"RULES rules.yaml:4:19: The epsilon 8/255 stands there twice. | Leave one of them out."`,
    );
    expect(errorOf('8/255', '8')).toBe(
      'RULES rules.yaml:4:12: The epsilon is 8, but pixels run from 0 to 1. | Write levels as fractions of 255, such as 8/255.',
    );
    const counted = good
      .replace('epsilons:', 'norm: l0\nepsilons:')
      .replace(/(mi|iter): .*/g, '$1: { attack: noop }')
      .replaceAll('random-noise', 'noop');
    expect(() => parseRules(counted, 'rules.yaml')).toThrow(
      expect.objectContaining({
        where: 'rules.yaml:5:12',
        remedy: 'Give a whole number of pixels, such as 5.',
      }),
    );
    expect(parseRules(counted.replace('[8/255, 0.1]', '[1, 5]'), 'rules.yaml').epsilons).toEqual([1, 5]);
    expect(parseEpsilon(' 16 / 255 ')).toBe(16 / 255);
    expect(parseEpsilon('.5')).toBe(0.5);
  });
});

test('the JSON Schema knows the keys and what must be there', () => {
  expect(rulesJsonSchema()).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['name', 'seed', 'dataset', 'epsilons', 'models', 'attacks', 'defenses'],
  });
});
