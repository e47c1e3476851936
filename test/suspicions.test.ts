import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTournament } from '../src/arena/index.ts';
import type { RulesInput } from '../src/arena/schema.ts';
import { fgsm, pgd } from '../src/attacks/index.ts';
import { inspect } from '../src/autodiff/index.ts';
import { attack } from '../src/judge/index.ts';
import { type Classifier, type Flag, loadModel, openModel, readGraph } from '../src/models/index.ts';
import type { GraphBuilder } from '../src/onnx/index.ts';
import { openHosts } from '../src/runtime/index.ts';
import { scalar } from '../src/tensor/index.ts';
import { type Grounds, openGrounds, smallRulesWith } from './grounds.ts';
import { smallNetwork, writeSmall } from './small-arena.ts';

// What is suspicious about a network's graph is told by inspect, attack and tournament alike, and not of an honest one.

type Change = (b: GraphBuilder, tensor: string) => string;
type Where = 'pixels' | 'maps' | 'logits';

const plain = { mean: [0, 0, 0], std: [1, 1, 1] };
const normalizing = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] };

/** Centred and scaled, as a graph that prepares its pixels itself. */
const prepare: Change = (b, x) => b.op('Div', [b.op('Sub', [x, b.scalar(0.5)]), b.scalar(0.25)]);

/** Answers with the class above. */
const nextClass: Change = (b, z) => {
  const columns = (from: number, to: number): string =>
    b.op('Slice', [z, b.ints([from]), b.ints([to]), b.ints([1])]);
  return b.op('Concat', [columns(9, 10), columns(0, 9)], { axis: 1 });
};

const planted: Record<string, { code: string; where: Where; change: Change }> = {
  twice: { code: 'PREPROCESSING', where: 'pixels', change: prepare },
  sure: { code: 'SOFTMAX_OUTPUT', where: 'logits', change: (b, z) => b.op('Softmax', [z], { axis: 1 }) },
  written: {
    code: 'SOFTMAX_OUTPUT',
    where: 'logits',
    change: (b, z) => b.op('Exp', [b.op('LogSoftmax', [z], { axis: 1 })]),
  },
  averaged: {
    code: 'SOFTMAX_OUTPUT',
    where: 'logits',
    change: (b, z) => {
      const both = [z, b.op('Mul', [z, b.scalar(2)])].map((of) => b.op('Softmax', [of], { axis: 1 }));
      return b.op('Mean', both);
    },
  },
  steps: {
    code: 'ROUNDING',
    where: 'maps',
    change: (b, m) => b.op('Add', [m, b.op('Round', [m])]),
  },
  flat: { code: 'ZERO_GRADIENT', where: 'maps', change: (b, m) => b.op('Round', [m]) },
  coded: {
    code: 'ZERO_GRADIENT',
    where: 'pixels',
    change: (b, x) => b.op('Cast', [b.op('Greater', [x, b.scalar(0)])], { to: 1 }),
  },
  codedInPart: {
    code: 'ROUNDING',
    where: 'pixels',
    change: (b, x) => {
      const code = b.op('Cast', [b.op('Greater', [x, b.scalar(0)])], { to: 1 });
      return b.op('Add', [code, b.op('Mul', [x, b.scalar(1e-3)])]);
    },
  },
  quantised: {
    code: 'STRAIGHT_THROUGH',
    where: 'maps',
    change: (b, m) => {
      const [scale, zero] = [b.scalar(0.05), b.constant(scalar(0, 'uint8'))];
      return b.op('DequantizeLinear', [b.op('QuantizeLinear', [m, scale, zero]), scale, zero]);
    },
  },
};

let grounds: Grounds;
beforeAll(async () => {
  grounds = await openGrounds();
  for (const [name, { where, change }] of Object.entries(planted))
    await writeSmall(grounds.root, name, smallNetwork(name, { [where]: change }), normalizing);
  await writeSmall(grounds.root, 'guessing', smallNetwork('one', { logits: (b, z) => b.op('Neg', [z]) }));
  await writeSmall(grounds.root, 'beside', smallNetwork('one', { logits: nextClass }));
  await writeSmall(grounds.root, 'honest', smallNetwork('honest'), normalizing);
  await writeSmall(grounds.root, 'once', smallNetwork('once', { pixels: prepare }), plain);
});
afterAll(() => grounds[Symbol.asyncDispose]());

/** Flags of an attack on a model, which is released then. */
async function attacked(model: Classifier): Promise<readonly Flag[]> {
  const { images, labels, ids } = await grounds.images(6);
  const { flags } = await attack(model, fgsm, {
    images,
    labels,
    ids,
    epsilon: 8 / 255,
    hosts: grounds.hosts,
  });
  await model.release();
  return flags;
}

async function toldBy(name: string): Promise<{ inspected: string[]; attacked: string[] }> {
  const file = join(grounds.root, `${name}.onnx`);
  const flags = await attacked(await loadModel(file));
  return {
    inspected: inspect(await readGraph(file)).flags.map((f) => f.code),
    attacked: [...new Set(flags.map((f) => f.code))],
  };
}

describe.for(Object.entries(planted))('%s', ([name, { code }]) => {
  test('inspect and attack tell it', async () => {
    expect(await toldBy(name)).toEqual({ inspected: [code], attacked: [code] });
  });
});

test('a loss that is flat because the network is sure is told, and goes with a loss that is not', async () => {
  const sure = smallNetwork('one', { logits: (b, z) => b.op('Mul', [z, b.scalar(1e4)]) });
  const model = await loadModel(await writeSmall(grounds.root, 'oversure', sure));
  const { images, labels, ids } = await grounds.images(12);
  const given = { images, labels, ids, epsilon: 16 / 255, hosts: grounds.hosts };
  const by = (loss: string) => attack(model, pgd, { ...given, options: { steps: 10, loss } });
  const found = [await by('cross-entropy'), await by('margin'), await by('carlini-wagner')];
  await model.release();
  expect(found.map(({ flags }) => flags.map((f) => f.code))).toEqual([['ZERO_GRADIENT'], [], []]);
  const [flat = 0, ...other] = found.map((f) => f.robustAccuracy);
  for (const accuracy of other) expect(accuracy).toBeLessThan(flat);
});

test('what may saturate is told of a graph, and of a result where it does', async () => {
  const squash =
    (scale: number): Change =>
    (b, m) =>
      b.op('Tanh', [b.op('Mul', [b.op('Add', [m, b.scalar(0.1)]), b.scalar(scale)])]);
  for (const [name, scale] of [
    ['squashed', 1],
    ['saturated', 1000],
  ] as const)
    await writeSmall(grounds.root, name, smallNetwork(name, { maps: squash(scale) }));
  expect(await toldBy('squashed')).toEqual({ inspected: ['SATURATION'], attacked: [] });
  expect(await toldBy('saturated')).toEqual({ inspected: ['SATURATION'], attacked: ['ZERO_GRADIENT'] });
});

test('of an honest network nothing is told', async () => {
  expect(await toldBy('honest')).toEqual({ inspected: [], attacked: [] });
  // What the sidecar leaves to the graph is done once.
  expect(await toldBy('once')).toEqual({ inspected: ['PREPROCESSING'], attacked: [] });
});

/** Probabilities in a form that nobody knows. */
const shares: Change = (b, z) => {
  const powers = b.op('Pow', [b.scalar(1.4), z]);
  return b.op('Div', [powers, b.op('ReduceSum', [powers, b.ints([1])])]);
};

describe('numbers that are not of the kind that the sidecar says', () => {
  beforeAll(async () => {
    const probabilities = smallNetwork('sure', { logits: (b, z) => b.op('Softmax', [z], { axis: 1 }) });
    await writeSmall(grounds.root, 'called', smallNetwork('called'), plain, 'probabilities');
    await writeSmall(grounds.root, 'rightly', probabilities, plain, 'probabilities');
    await writeSmall(grounds.root, 'shares', smallNetwork('shares', { logits: shares }), plain);
    await writeSmall(
      grounds.root,
      'known',
      smallNetwork('shares', { logits: shares }),
      plain,
      'probabilities',
    );
  });

  test('are told by what is answered', async () => {
    expect(await toldBy('called')).toEqual({ inspected: [], attacked: ['SOFTMAX_OUTPUT', 'OUTPUT_KIND'] });
    expect(await toldBy('shares')).toEqual({ inspected: [], attacked: ['OUTPUT_KIND'] });
    for (const name of ['rightly', 'known'])
      expect([name, ...(await toldBy(name)).attacked]).toEqual([name, 'SOFTMAX_OUTPUT']);
  });

  test('also of a member of an ensemble', async () => {
    const files = ['called', 'rightly', 'honest'].map((name) => ({
      file: join(grounds.root, `${name}.onnx`),
    }));
    const flags = await attacked(await openModel({ ensemble: files }));
    expect(flags.filter((f) => f.code === 'OUTPUT_KIND').map((f) => f.message)).toEqual([
      'called is taken to answer with probabilities, but for some images they lie outside 0 to 1, or do not sum to 1: attacks follow their logarithms, which say little then, and may be weak. Correct output.kind in its sidecar: "logits", most likely, or "sigmoids" where each class has a probability of its own.',
    ]);
  });

  test('are told by tournaments', async () => {
    const names = ['called', 'rightly', 'shares', 'known'];
    const { result } = await grounds.hold(
      'kinds',
      smallRulesWith({
        models: Object.fromEntries(names.map((name) => [name, `${name}.onnx`])),
        attacks: { noise: { attack: 'random-noise', baseline: true } },
        defenses: Object.fromEntries(names.map((name) => [name, { model: name }])),
      }),
    );
    const told = result.flags.filter((f) => f.code === 'OUTPUT_KIND').map((f) => f.message.split(' ')[0]);
    expect(new Set(told)).toEqual(new Set(['called', 'shares']));
  });
});

test('a gradient that the graph shows to be zero is told once', async () => {
  const model = await loadModel(join(grounds.root, 'flat.onnx'));
  const { images, labels, ids } = await grounds.images(6);
  const given = { images, labels, ids, epsilon: 8 / 255, hosts: grounds.hosts };
  const { flags } = await attack(model, fgsm, given);
  await model.release();
  const { result } = await grounds.hold(
    'flat-once',
    smallRulesWith({
      models: { flat: 'flat.onnx', one: 'one.onnx', both: { ensemble: ['one', 'flat'] } },
      attacks: {
        alone: { attack: 'fgsm', sources: 'flat' },
        asking: { attack: 'fgsm', opponent: 'gradient' },
        both: { attack: 'fgsm', sources: 'both' },
      },
      defenses: { flat: { model: 'flat' } },
    }),
  );
  for (const told of [flags, result.flags])
    expect(told.filter((f) => f.code === 'ZERO_GRADIENT').map((f) => f.message.slice(0, 19))).toEqual([
      'flat: Every way fro',
    ]);
});

test('tournaments tell the same', async () => {
  const names = Object.keys(planted);
  const { result } = await grounds.hold(
    'suspicious',
    smallRulesWith({
      models: Object.fromEntries([...names, 'honest'].map((name) => [name, `${name}.onnx`])),
      attacks: { noise: { attack: 'random-noise', baseline: true } },
      defenses: Object.fromEntries([...names, 'honest'].map((name) => [name, { model: name }])),
    }),
  );
  expect(result.flags.map((f) => f.code).toSorted()).toEqual(
    Object.values(planted)
      .map((p) => p.code)
      .toSorted(),
  );
  for (const [name, { code }] of Object.entries(planted))
    expect(result.flags.filter((f) => f.code === code).map((f) => f.message)).toContainEqual(
      expect.stringContaining(name),
    );
});

describe('what tournaments alone would hide', () => {
  const one = { one: { model: 'one' } };
  const noise = { noise: { attack: 'random-noise', baseline: true } } as const;
  const told = async (name: string, own: Partial<RulesInput>): Promise<string[]> => {
    const rules = smallRulesWith({ attacks: noise, defenses: one, ...own });
    const { out, result } = await grounds.hold(name, rules);
    // One host says the same, and so do the records alone.
    await using alone = openHosts({ count: 1, kind: 'thread' });
    const again = await grounds.hold(`${name}-again`, rules, alone);
    expect(again.result.flags).toEqual(result.flags);
    expect((await readTournament(out)).flags).toEqual(result.flags);
    return result.flags.map(({ code, message }) => `${code} ${message}`);
  };

  test('clean accuracy at chance, and labels that start elsewhere', async () => {
    const flags = await told('chance', {
      models: { one: 'one.onnx', guessing: 'guessing.onnx', beside: 'beside.onnx' },
      defenses: { ...one, guessing: { model: 'guessing' }, beside: { model: 'beside' } },
    });
    expect(flags.map((flag) => flag.slice(0, 67))).toEqual([
      'CLEAN_AT_CHANCE guessing is right on 0 of 24 clean images, not clea',
      'CLEAN_AT_CHANCE beside is right on 0 of 24 clean images, not clearl',
      'LABELS_SHIFTED beside answers 21 of 24 clean images with the class ',
    ]);
  });

  test('views that change nothing on what was opened', async () => {
    const through = ['bpda'];
    expect(
      await told('idle', {
        attacks: {
          open: { attack: 'fgsm', sources: 'two', through },
          asking: { attack: 'fgsm', opponent: 'gradient', through },
          // Its own views are its affair.
          noise: noise.noise,
        },
        defenses: { ...one, two: { model: 'two' } },
      }),
    ).toEqual([
      'VIEW_IDLE open: The view bpda changes nothing: two has no defense whose gradient it could stand for.',
      'VIEW_IDLE asking: The view bpda changes nothing: one+two has no defense whose gradient it could stand for.',
    ]);
  });

  test('not of views that changed something on one of the defenses', async () => {
    expect(
      await told('busy', {
        attacks: { asking: { attack: 'fgsm', opponent: 'gradient', through: ['bpda'] } },
        defenses: { ...one, coarse: { model: 'one', chain: [{ name: 'bit-depth', options: { bits: 3 } }] } },
      }),
    ).toEqual([]);
  });
});
