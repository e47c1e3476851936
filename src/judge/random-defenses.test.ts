import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Grounds, openGrounds } from '../../test/grounds.ts';
import { holdsAny, noting } from '../../test/walk.ts';
import { bim, defineAttack, fgsm, noop, pgd } from '../attacks/index.ts';
import { defend, randomResize } from '../defenses/index.ts';
import { type Classifier, loadModel } from '../models/index.ts';
import { openHosts } from '../runtime/index.ts';
import { takeRows } from '../tensor/index.ts';
import { attack } from './attack.ts';
import { hashRows, nameOf, roleSeed, secretOf } from './secrets.ts';

let grounds: Grounds;
let random: Classifier;
let plain: Classifier;
let given: Awaited<ReturnType<Grounds['images']>>;

beforeAll(async () => {
  grounds = await openGrounds(3);
  given = await grounds.images();
  random = defend(await loadModel(join(grounds.root, 'one.onnx')), randomResize, { from: 6, to: 12 });
  plain = await loadModel(join(grounds.root, 'two.onnx'));
});
afterAll(async () => {
  await random.release();
  await plain.release();
  await grounds[Symbol.asyncDispose]();
});

/** What was answered about each image in each of some draws, as far as a result says it. */
type Answers = Awaited<ReturnType<typeof attack>>['samples'];

async function noopOn(rows: readonly number[], hosts = grounds.hosts, seed = 7): Promise<Answers> {
  const result = await attack(random, noop, {
    images: takeRows(given.images, rows),
    labels: rows.map((i) => given.labels[i] as number),
    ids: rows.map((i) => `row ${i}`),
    epsilon: 8 / 255,
    draws: 4,
    seed,
    hosts,
  });
  return result.samples;
}

const all = Array.from({ length: 24 }, (_, i) => i);

describe('the same pixels get the same answers', () => {
  test('and the answers do depend on the draw', async () => {
    const samples = await noopOn(all);
    expect(samples.filter((s) => s.draws !== undefined && s.draws.clean % 1 !== 0).length).toBeGreaterThan(4);
    // The attack does nothing: in every draw the adversarial image is answered as the clean one.
    for (const s of samples) {
      expect(s.adversarial).toBe(s.clean);
      expect(s.draws).toMatchObject({ adversarial: s.draws?.clean, success: 0 });
    }
  });

  test('in any number, order and batch, on 1 and 3 hosts, and after other work', async () => {
    const whole = await noopOn(all);
    await using one = openHosts({ count: 1, kind: 'thread' });
    expect(await noopOn(all, one)).toEqual(whole);
    const some = [17, 3, 11, 4, 20];
    for (const hosts of [one, grounds.hosts])
      expect(await noopOn(some, hosts)).toEqual(some.map((i) => whole[i]));
    expect(await noopOn([9], one)).toEqual([whole[9]]);
  });

  test('and other ones with another seed', async () => {
    const drawsOf = (samples: Answers): unknown => samples.map((s) => s.draws?.clean);
    expect(drawsOf(await noopOn(all, grounds.hosts, 8))).not.toEqual(drawsOf(await noopOn(all)));
  });

  test('whichever attack made them, in a host or in this thread', async () => {
    const request = {
      images: given.images,
      labels: given.labels,
      epsilon: 8 / 255,
      draws: 4,
      seed: 7,
      sources: [plain],
      hosts: grounds.hosts,
    };
    const fast = await attack(random, fgsm, request);
    const slow = await attack(random, bim, { ...request, options: { steps: 1, stepSize: 8 / 255 } });
    // Attacks of no catalog run in the thread of the caller.
    const own = await attack(random, { ...fgsm }, { ...request, sources: [plain] });
    for (const other of [slow, own]) {
      expect(other.adversarial.bytes).toEqual(fast.adversarial.bytes);
      expect(other.samples).toEqual(fast.samples);
    }
    expect(fast.samples.some((s) => s.draws !== undefined && s.draws.adversarial % 1 !== 0)).toBe(true);
  });
});

test('what an attack draws of a model follows from the seed, in a host and in this thread', async () => {
  const request = {
    images: given.images,
    labels: given.labels,
    epsilon: 8 / 255,
    seed: 7,
    options: { steps: 1 },
    hosts: grounds.hosts,
  };
  const there = await attack(random, bim, request);
  const here = await attack(random, { ...bim }, request);
  expect(here.adversarial.bytes).toEqual(there.adversarial.bytes);
  const other = await attack(random, { ...bim }, { ...request, seed: 8 });
  expect(other.adversarial.bytes).not.toEqual(here.adversarial.bytes);
});

describe('an attack cannot make the judge’s draws', () => {
  const seed = 987_654_321;

  test('no job of it holds the seed, the secret or a name', async () => {
    const hosts = noting(grounds.hosts);
    await attack(random, pgd, {
      images: given.images,
      labels: given.labels,
      epsilon: 8 / 255,
      draws: 2,
      seed,
      options: { steps: 2 },
      hosts,
    });
    const secret = secretOf(seed);
    const names = hashRows(given.images).map((pixels) => nameOf(secret, pixels));
    const [attacks, predictions] = ['attack', 'predict'].map((name) =>
      hosts.jobs.filter((j) => j.name === name),
    );
    expect([attacks?.length, predictions?.length].every((n) => (n ?? 0) > 0)).toBe(true);
    for (const job of hosts.jobs) expect(holdsAny(job, [seed, secret])).toBe(false);
    for (const job of attacks ?? []) expect(holdsAny(job, names)).toBe(false);
    // The judge's jobs hold the names and nothing of where they come from; an attack has the hash of its role.
    expect(predictions?.some((job) => holdsAny(job, names))).toBe(true);
    expect(holdsAny(attacks, [roleSeed(seed, 'attack')])).toBe(true);
    expect(holdsAny(predictions, [roleSeed(seed, 'attack')])).toBe(false);
  });

  test('one that knew all names and asked for the first draw would still see another', async () => {
    const names = hashRows(given.images).map((pixels) => nameOf(secretOf(7), pixels));
    const seen: Int32Array[] = [];
    const knowing = defineAttack({
      ...noop,
      name: 'knowing',
      access: 'decision',
      async *run({ model, batch }) {
        const draw = new Uint32Array(batch.ids.length);
        for (let again = 0; again < 2; again++)
          seen.push((await model.answers({ images: batch.images, ids: batch.ids, draw })).classes);
        yield batch.images;
        return batch.images;
      },
    });
    const request = { images: given.images, labels: given.labels, epsilon: 8 / 255, seed: 7 };
    const { samples } = await attack(random, knowing, { ...request, ids: names });
    expect(seen[1]).toEqual(seen[0]);
    expect(samples.map((s) => s.clean)).toEqual((await noopOn(all)).map((s) => s.clean));
    expect([...(seen[0] ?? [])]).not.toEqual(samples.map((s) => s.clean));
  });
});
