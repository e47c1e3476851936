import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answersIn, type Grounds, openGrounds, smallRulesWith } from '../../test/grounds.ts';
import { fgsm, square } from '../attacks/index.ts';
import { defend, featureSqueezing } from '../defenses/index.ts';
import { attack } from '../judge/index.ts';
import { type Classifier, loadModel } from '../models/index.ts';

// A detector lets pass what squeezing moves little: it abstains on some images, clean ones too.
const options = { threshold: 1, bits: 3 };

let grounds: Grounds;
let one: Classifier;
let detector: Classifier;
beforeAll(async () => {
  grounds = await openGrounds();
  one = await loadModel(join(grounds.root, 'one.onnx'));
  detector = defend(await loadModel(join(grounds.root, 'one.onnx')), featureSqueezing, options);
});
afterAll(async () => {
  await one.release();
  await detector.release();
  await grounds[Symbol.asyncDispose]();
});

async function request(): Promise<Parameters<typeof attack>[2] & { epsilon: number }> {
  const { images, ids, labels } = await grounds.images();
  return { images, ids, labels, epsilon: 8 / 255, seed: 7, hosts: grounds.hosts };
}

describe('a defense that abstains', () => {
  test('is neither right nor fooled there', async () => {
    const result = await attack(detector, fgsm, { ...(await request()), sources: [one] });
    const plain = await attack(one, fgsm, await request());
    const count = (of: (s: (typeof result.samples)[number]) => boolean): number =>
      result.samples.filter(of).length;
    const declined = { clean: count((s) => s.clean < 0), adversarial: count((s) => s.adversarial < 0) };
    expect(declined.clean).toBeGreaterThan(2);
    expect(declined.adversarial).toBeGreaterThan(2);
    expect(declined.adversarial).toBeLessThan(24);
    expect(result.abstained).toEqual({
      clean: declined.clean / 24,
      adversarial: declined.adversarial / 24,
      robust: count((s) => s.clean === s.label && (s.adversarial < 0 || s.adversarial === s.label)) / 24,
    });
    // The images are those of the network alone, and so is each answer that is given.
    expect(result.adversarial.bytes).toEqual(plain.adversarial.bytes);
    for (const [i, s] of result.samples.entries()) {
      expect([-1, plain.samples[i]?.clean]).toContain(s.clean);
      expect([-1, plain.samples[i]?.adversarial]).toContain(s.adversarial);
      expect(s.success).toBe(s.clean === s.label && s.adversarial >= 0 && s.adversarial !== s.label);
    }
    expect(result.cleanAccuracy).toBe(count((s) => s.clean === s.label) / 24);
    expect(result.robustAccuracy).toBe(count((s) => s.clean === s.label && s.adversarial === s.label) / 24);
  });

  test('is not won by making it abstain: an early stop waits for an answer', async () => {
    const asking = { ...(await request()), epsilon: 24 / 255, queries: 60, options: { schedule: 60 } };
    const stopped = await attack(detector, square, { ...asking, stopEarly: true });
    const early = stopped.samples.filter((s) => s.asked.scores < 60);
    expect(early.length).toBeGreaterThan(2);
    expect(early.map((s) => s.adversarial >= 0 && s.adversarial !== s.label)).not.toContain(false);
    expect(stopped.samples.some((s) => s.adversarial < 0)).toBe(true);
  });

  test('reaches the scores of a tournament as the page on scoring says', async () => {
    const held = await grounds.hold(
      'detector',
      smallRulesWith({
        attacks: { fast: { attack: 'fgsm', sources: 'one' }, nothing: { attack: 'noop' } },
        defenses: { squeezed: { model: 'one', chain: [{ name: 'feature-squeezing', options }] } },
      }),
    );
    const { samples } = await attack(detector, fgsm, { ...(await request()), sources: [one] });
    const lines = await answersIn(held);
    const told = (name: string): string[] => lines.filter((l) => l.attack === name).map((l) => l.answer);
    const texts = (side: 'clean' | 'adversarial'): string[] =>
      samples.map((s) => (s[side] < 0 ? '' : String(s[side])));
    expect([told(''), told('nothing'), told('fast')]).toEqual([
      texts('clean'),
      texts('clean'),
      texts('adversarial'),
    ]);
    const share = (of: (s: (typeof samples)[number]) => boolean): number => samples.filter(of).length / 24;
    const answered = share((s) => s.adversarial >= 0);
    expect(held.result.cells[0]).toMatchObject({
      attack: 'fast',
      accuracy: share((s) => s.adversarial === s.label),
      error: share((s) => s.adversarial >= 0 && s.adversarial !== s.label),
    });
    const [board] = held.result.boards;
    expect(board?.defenses[0]?.coverage).toBeCloseTo((answered + share((s) => s.clean >= 0)) / 2, 12);
    expect(board?.defenses[0]?.cleanAccuracy?.value).toBe(share((s) => s.clean === s.label));
    expect(board?.untargeted.find((r) => r.name === 'fast')?.score.value).toBe(held.result.cells[0]?.error);
    expect(held.result.flags.map((f) => f.code)).toEqual(['BLIND']);
  });
});
