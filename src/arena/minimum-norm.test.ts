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
import { ddn } from '../attacks/index.ts';
import { bitDepth, defend } from '../defenses/index.ts';
import { attack } from '../judge/index.ts';
import { loadModel } from '../models/index.ts';
import { tensor } from '../tensor/index.ts';
import type { RulesInput } from './schema.ts';

const epsilons = [0.2, 0.4, 1];
const options = { steps: 12, first: 0.4, gamma: 0.1 };
const rules = (change: Partial<RulesInput> = {}): RulesInput =>
  smallRulesWith({
    norm: 'l2',
    epsilons,
    attacks: {
      nearest: { attack: 'ddn', sources: 'one', options },
      fast: { attack: 'fgsm', sources: 'one' },
    },
    defenses: {
      one: { model: 'one' },
      coarse: { model: 'one', chain: [{ name: 'bit-depth', options: { bits: 4 } }] },
    },
    ...change,
  });

let grounds: Grounds;
let held: Held;
beforeAll(async () => {
  grounds = await openGrounds();
  held = await grounds.hold('whole', rules());
});
afterAll(() => grounds[Symbol.asyncDispose]());

/** The lines of `images.csv` about the attack, by defense and epsilon. */
async function lines(
  of: Held,
): Promise<{ at: (defense: string, epsilon: number | '') => Map<string, Line> }> {
  const all = await answersIn(of);
  return {
    at: (defense, epsilon) =>
      new Map(
        all
          .filter(
            (l) =>
              l.defense === defense &&
              (epsilon === '' ? l.attack === '' : l.attack === 'nearest' && Number(l.epsilon) === epsilon),
          )
          .map((l) => [l.image, l]),
      ),
  };
}
type Line = Awaited<ReturnType<typeof answersIn>>[number];

describe('an attack of minimum norm in a tournament', () => {
  test('runs once per batch, where others run once per epsilon', async () => {
    const made = await recordsIn(held, 'attack');
    const of = (name: string): unknown[] =>
      made.filter((r) => (r.definition as { attack: string }).attack === name).map((r) => r.definition);
    expect([of('ddn').length, of('fgsm').length]).toEqual([3, 9]);
    for (const definition of of('ddn')) expect(definition).toMatchObject({ epsilon: 'free' });
  });

  test('counts at each epsilon what it found within, and the clean answer beyond', async () => {
    const { at } = await lines(held);
    const within: number[] = [];
    for (const defense of ['one', 'coarse']) {
      const clean = at(defense, '');
      for (const epsilon of epsilons) {
        const here = at(defense, epsilon);
        const widest = at(defense, 1);
        expect(here.size).toBe(24);
        let found = 0;
        for (const [image, line] of here) {
          const { answer = '', distance = '' } = widest.get(image) ?? {};
          const near = Number(distance) <= epsilon * (1 + 1e-4);
          if (near) found++;
          const stands = near ? { answer, distance } : { answer: clean.get(image)?.answer, distance: '' };
          expect(line).toEqual({ ...line, ...stands });
        }
        within.push(found);
      }
    }
    // Some at each epsilon, all at the last; both defenses meet the same images.
    expect(within.slice(0, 3)).toEqual(within.slice(3));
    expect(within[0]).toBeGreaterThan(2);
    expect(within[1]).toBeGreaterThan(within[0] as number);
    expect(within[2]).toBe(24);
  });

  test('has the figures of single attacks', async () => {
    const one = await loadModel(join(grounds.root, 'one.onnx'));
    const coarse = defend(await loadModel(join(grounds.root, 'one.onnx')), bitDepth, { bits: 4 });
    const { images, ids, labels } = await grounds.images();
    const { at } = await lines(held);
    for (const [name, model] of [
      ['one', one],
      ['coarse', coarse],
    ] as const) {
      const request = { images, ids, labels, norm: 'l2' as const, seed: 7, options, hosts: grounds.hosts };
      const curve = await attack(model, ddn, { ...request, sources: [one], epsilon: epsilons });
      for (const [i, epsilon] of epsilons.entries()) {
        const cell = held.result.cells.find(
          (c) => c.attack === 'nearest' && c.defense === name && c.epsilon === epsilon,
        );
        expect(cell?.accuracy).toBe(
          (curve[i]?.samples.filter((s) => s.adversarial === s.label).length ?? 0) / 24,
        );
        const lines = at(name, epsilon);
        expect(curve[i]?.samples.map((s) => String(s.adversarial))).toEqual(
          ids.map((id) => lines.get(id)?.answer),
        );
      }
    }
    await one.release();
    await coarse.release();
  });

  test('with one epsilon per batch in turn is judged at that of its batch alone', async () => {
    const cycled = await grounds.hold('cycled', rules({ epsilonPerBatch: 'cycle' }));
    const { at } = await lines(cycled);
    const whole = await lines(held);
    for (const [i, epsilon] of epsilons.entries()) {
      const here = at('one', epsilon);
      expect([...here.keys()]).toEqual(
        Array.from({ length: 8 }, (_, k) => `img${String(8 * i + k).padStart(2, '0')}`),
      );
      for (const [image, line] of here) expect(line).toEqual(whole.at('one', epsilon).get(image));
    }
    expect((await recordsIn(cycled, 'attack')).length).toBe(3 + 3);
  });
});

test('no image at all is no error', async () => {
  const one = await loadModel(join(grounds.root, 'one.onnx'));
  const images = tensor<'uint8'>(new Uint8Array(0), [0, 3, 8, 8], 'uint8');
  const [result] = await attack(one, ddn, {
    images,
    labels: [],
    norm: 'l2',
    epsilon: [0.2],
    hosts: grounds.hosts,
  });
  expect(result).toMatchObject({ robustAccuracy: 0, curve: [{ epsilon: 0.2, robustAccuracy: 0 }] });
  await one.release();
});
