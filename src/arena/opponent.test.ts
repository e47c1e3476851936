import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answersIn,
  type Grounds,
  type Held,
  openGrounds,
  recordsIn,
  smallRulesWith,
} from '../../test/grounds.ts';
import { writeSmall } from '../../test/small-arena.ts';
import { type Attack, fgsm, inTurn, pgd, priorGuided, square } from '../attacks/index.ts';
import { bitDepth, defend } from '../defenses/index.ts';
import { type AttackRequest, attack } from '../judge/index.ts';
import { type Classifier, loadModel } from '../models/index.ts';
import type { AttackOutcome } from './index.ts';

let grounds: Grounds;
let one: Classifier;
let two: Classifier;
let coarse: Classifier;

beforeAll(async () => {
  grounds = await openGrounds();
  const three = await writeSmall(grounds.root, 'three');
  one = await loadModel(join(grounds.root, 'one.onnx'));
  two = await loadModel(join(grounds.root, 'two.onnx'));
  coarse = defend(await loadModel(three), bitDepth, { bits: 4 });
});
afterAll(async () => {
  for (const model of [one, two, coarse]) await model.release();
  await grounds[Symbol.asyncDispose]();
});

const models = { one: 'one.onnx', two: 'two.onnx', three: 'three.onnx', both: { ensemble: ['one', 'two'] } };
const defenses = {
  plain: { model: 'one' },
  coarse: { model: 'three', chain: [{ name: 'bit-depth', options: { bits: 4 } }] },
};

/** Answers of a defense to what an attack made, and how far from the clean images that is. */
async function told(
  held: Held,
  name: string,
  defense: string,
): Promise<{ answer: string; distance: number }[]> {
  const lines = (await answersIn(held)).filter((l) => l.attack === name && l.defense === defense);
  return lines.map((l) => ({ answer: l.answer, distance: Number(l.distance) }));
}

/** The same of a single attack. */
async function alone<O>(
  model: Classifier,
  by: Attack<O>,
  request: Partial<AttackRequest>,
): Promise<{ answer: string; distance: number }[]> {
  const { images, ids, labels } = await grounds.images();
  const { samples } = await attack(model, by, {
    images,
    ids,
    labels,
    seed: 7,
    hosts: grounds.hosts,
    ...request,
    epsilon: 8 / 255,
  });
  return samples.map((s) => ({ answer: String(s.adversarial), distance: s.distance }));
}

describe('an attack that may ask the defense that it meets', () => {
  const search = { queries: 20, options: { schedule: 20 } };
  const guided = { queries: 30, options: { directions: 5, sigma: 0.2 } };
  let held: Held;
  beforeAll(async () => {
    held = await grounds.hold(
      'asking',
      smallRulesWith({
        batch: { size: 12, seconds: 60 },
        models,
        attacks: {
          blind: { attack: 'square', sources: 'one', ...search },
          asking: { attack: 'square', opponent: 'scores', ...search },
          inside: { attack: 'pgd', opponent: 'gradient', through: ['bpda'], options: { steps: 3 } },
          guided: { attack: 'prior-guided', sources: ['one', 'two'], opponent: 'scores', ...guided },
        },
        defenses,
      }),
    );
  });

  test('makes its images for each defense, which alone is asked about them', async () => {
    const { result } = held;
    const made = await recordsIn(held, 'attack');
    // Two batches: once for both defenses, or once for each.
    expect(made).toHaveLength(2 * (1 + 2 + 2 + 2));
    // Clean images, and what each of the four made; on the network itself blind and asking made the same.
    expect(await recordsIn(held, 'defend')).toHaveLength(2 * 2 * (1 + 4) - 2);
    expect(result.flags).toEqual([]);
    expect(result.cells.map((c) => c.images)).toEqual(Array.from({ length: 8 }, () => 24));
    const times = await readFile(join(held.out, 'scores', 'times.csv'), 'utf8');
    expect(times.match(/^attack,asking,.*?,1,/gm)).toEqual([
      'attack,asking,plain,1,',
      'attack,asking,coarse,1,',
    ]);
    const definitions = made.map((r) => r.definition as { attack: string; opponent?: unknown });
    expect(definitions.filter((d) => d.opponent === undefined)).toHaveLength(2);
    expect(await told(held, 'asking', 'plain')).toEqual(await told(held, 'blind', 'plain'));
    expect(await told(held, 'asking', 'coarse')).not.toEqual(await told(held, 'blind', 'coarse'));
  });

  test('is shown by threat model', () => {
    const { boards, attacks, cells } = held.result;
    expect(Object.fromEntries(cells.map((c) => [`${c.attack} ${c.defense}`, c.threat]))).toEqual({
      'blind plain': 'white box',
      'blind coarse': 'transfer',
      'asking plain': 'queries',
      'asking coarse': 'queries',
      'inside plain': 'white box',
      'inside coarse': 'white box',
      'guided plain': 'white box',
      'guided coarse': 'queries',
    });
    const names = (threat: string): string[] =>
      (boards.find((b) => b.threat === threat)?.untargeted ?? []).map((r) => r.name).toSorted();
    expect(['all', 'transfer', 'queries', 'white box'].map(names)).toEqual([
      ['asking', 'blind', 'guided', 'inside'],
      ['blind'],
      ['asking', 'guided'],
      ['blind', 'guided', 'inside'],
    ]);
    expect(attacks.map((a) => [a.name, a.sources, a.opponent])).toEqual([
      ['blind', ['one'], undefined],
      ['asking', [], 'scores'],
      ['inside', [], 'gradient'],
      ['guided', ['one', 'two'], 'scores'],
    ]);
  });

  test('asks no more than the rules allow', async () => {
    const asked = new Map<string, Set<string>>();
    for (const { definition, outcome } of await recordsIn(held, 'attack'))
      for (const image of (outcome as unknown as AttackOutcome).images) {
        const { attack: name } = definition as { attack: string };
        const { decisions, scores, gradients } = image?.asked ?? { decisions: -1, scores: -1, gradients: -1 };
        asked.set(name, (asked.get(name) ?? new Set()).add(`${decisions} ${scores} ${gradients}`));
      }
    expect([...(asked.get('square') ?? [])]).toEqual(['0 20 0']);
    expect([...(asked.get('pgd') ?? [])]).toEqual(['0 1 3']);
    // Six questions a step, and a gradient of a source: the sixth step cannot be paid.
    expect([...(asked.get('prior-guided') ?? [])]).toEqual(['0 30 5']);
  });

  test('has the figures of single attacks', async () => {
    expect(await told(held, 'asking', 'plain')).toEqual(await alone(one, square, search));
    expect(await told(held, 'asking', 'coarse')).toEqual(await alone(coarse, square, search));
    expect(await told(held, 'blind', 'coarse')).toEqual(
      await alone(coarse, square, { ...search, sources: [one] }),
    );
    const inside = { options: { steps: 3 }, through: ['bpda'] };
    expect(await told(held, 'inside', 'coarse')).toEqual(await alone(coarse, pgd, inside));
    const sources = [one, two];
    expect(await told(held, 'guided', 'coarse')).toEqual(
      await alone(coarse, priorGuided, { ...guided, sources }),
    );
  });
});

describe('several sources', () => {
  test('are one ensemble, or are taken in turn', async () => {
    const options = { steps: 4 };
    const held = await grounds.hold(
      'several',
      smallRulesWith({
        models,
        attacks: {
          list: { attack: 'fgsm', sources: ['one', 'two'] },
          named: { attack: 'fgsm', sources: 'both' },
          turns: { attack: 'in-turn', sources: ['one', 'two'], options },
          members: { attack: 'in-turn', sources: 'both', options },
          single: { attack: 'in-turn', sources: 'one', options },
        },
        defenses,
      }),
    );
    const sources = [one, two];
    for (const defense of ['plain', 'coarse']) {
      const model = defense === 'plain' ? one : coarse;
      const list = await told(held, 'list', defense);
      expect(await told(held, 'named', defense)).toEqual(list);
      expect(await alone(model, fgsm, { sources })).toEqual(list);
      const turns = await told(held, 'turns', defense);
      expect(await told(held, 'members', defense)).toEqual(turns);
      expect(await alone(model, inTurn, { sources, options })).toEqual(turns);
    }
    const pixels = (await recordsIn(held, 'attack'))
      .filter((r) => (r.definition as { attack: string }).attack === 'in-turn')
      .map((r) => JSON.stringify((r.outcome as unknown as AttackOutcome).images));
    // Three batches each; one network alone gives other images than the two.
    expect([pixels.length, new Set(pixels).size]).toEqual([9, 6]);
    expect(held.result.attacks.map((a) => a.sources)).toEqual([
      ['one', 'two'],
      ['one', 'two'],
      ['one', 'two'],
      ['one', 'two'],
      ['one'],
    ]);
  });

  test('may be defenses where they are taken in turn', async () => {
    const turns = {
      attack: 'in-turn',
      sources: ['coarse', 'plain'],
      through: ['bpda'],
      options: { steps: 2 },
    };
    const held = await grounds.hold('defended', smallRulesWith({ models, attacks: { turns }, defenses }));
    expect(held.result.flags).toEqual([]);
    expect(held.result.cells.map((c) => [c.defense, c.threat])).toEqual([
      ['plain', 'white box'],
      ['coarse', 'white box'],
    ]);
    const same = await alone(one, inTurn, {
      sources: [coarse, one],
      through: ['bpda'],
      options: { steps: 2 },
    });
    expect(await told(held, 'turns', 'plain')).toEqual(same);
  });
});
