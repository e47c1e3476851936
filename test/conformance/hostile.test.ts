import { afterAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Attack, type AttackContext, bim } from '../../src/attacks/index.ts';
import { attack as judge, type Proposal } from '../../src/judge/index.ts';
import { type Access, crossEntropy, labelTensor, type Oracle } from '../../src/models/index.ts';
import { openHosts } from '../../src/runtime/index.ts';
import { clone, type Images } from '../../src/tensor/index.ts';
import { reached, tricks, trying, verdicts } from './hostile.ts';
import { type HostileWork, propose, work } from './hostile-job.ts';
import { answers, assignment, classes, drawing, ids, images, partiesFor, small } from './world.ts';

const given = assignment(bim);

const hosts = openHosts({ count: 1 });
afterAll(() => hosts.close());
const module = new URL('hostile-job.ts', import.meta.url).href;

const places: [string, (task: HostileWork) => Promise<Proposal>][] = [
  ['in this thread', (task) => work(task)],
  ['in a host', async (data) => (await hosts.run({ module, name: 'work', data })) as Proposal],
];

describe.for(places)('%s', ([, run]) => {
  test.for(Object.keys(tricks))('an entry that %s gains nothing, and no other loses', async (trick) => {
    const honest = await run({ assignment: given });
    // What breaks in an objective was asked all the same.
    const paid = trick === 'gives objectives that break' ? 8 : 0;
    const gradients = honest.counts.gradients.map((n) => n + paid);
    const expected = { ...honest, counts: { ...honest.counts, gradients } };
    // Twice: it may remember.
    for (let again = 0; again < 2; again++) expect(await run({ trick, assignment: given })).toEqual(expected);
    expect(await run({ assignment: given })).toEqual(honest);
  });

  test.for(verdicts)('one that %s is %s', async ([end, code]) => {
    await expect(run({ end, assignment: given })).rejects.toMatchObject({ code });
  });

  test('what breaks in the model stays the machine’s, swallowed or not', async () => {
    const expected = { code: 'DISK_FULL', message: 'The disk is full.' };
    const broken = { assignment: given, broken: true };
    await expect(run({ ...broken, end: 'swallows what breaks' })).rejects.toMatchObject(expected);
    await expect(run(broken)).rejects.toMatchObject(expected);
    await expect(run({ ...broken, end: 'throws a string' })).rejects.toMatchObject({ code: 'ATTACK_FAILED' });
  });
});

/** An entry of this thread alone: a step, and then what it does. */
function entry(run: (context: AttackContext) => Promise<Images>, change: Partial<Attack> = {}): Attack {
  return {
    ...trying('reaches for more'),
    async *run(context) {
      yield clone(context.batch.images);
      return run(context);
    },
    ...change,
  };
}

describe('what can be reached', () => {
  const accesses: [Access, string[]][] = [
    ['none', []],
    ['decision', ['answers']],
    ['scores', ['answers', 'scores']],
    ['gradient', ['answers', 'scores', 'gradient']],
  ];

  test.for(accesses)('of access %s: %j', async ([access, granted]) => {
    const answered: string[] = [];
    const curious = entry(
      async ({ model, opponent, batch, goal }) => {
        const q = { images: batch.images, ids: batch.ids };
        const asks = (of: Oracle): [string, () => Promise<unknown>][] => [
          ['answers', () => of.answers(q)],
          ['scores', () => of.scores(q)],
          ['gradient', () => of.gradient(q, crossEntropy(), { labels: labelTensor(goal.classes) })],
        ];
        for (const [what, ask] of asks(model))
          await ask().then(
            () => answered.push(what),
            () => {},
          );
        for (const [what, ask] of asks(opponent))
          await ask().then(
            () => answered.push(`opponent ${what}`),
            () => {},
          );
        return batch.images;
      },
      { access },
    );
    const { counts } = await propose(curious, given, {
      model: small,
      opponent: { model: small, granted: 'gradient' },
    });
    expect(answered).toEqual(granted);
    expect([counts.decisions[0], counts.scores[0], counts.gradients[0]]).toEqual([
      Number(access === 'decision'),
      2 * Number(access === 'scores' || access === 'gradient'),
      Number(access === 'gradient'),
    ]);
  });

  test.for(['none', 'decision', 'scores', 'gradient'] as const)(
    'functions are those that are declared (%s)',
    async (access) => {
      const attack = { ...trying('reaches for more', access), members: true, opponent: 'scores' } as const;
      for (const model of [small, drawing]) await propose(attack, given, partiesFor(attack, model));
    },
  );

  test('the walk finds what hides', () => {
    class Hiding {
      #own = 1;
      shown(): number {
        return this.#own;
      }
    }
    const memory = new Float32Array(8).subarray(2, 4);
    const hidden = Object.defineProperty({ memory, deep: [new Hiding()] }, Symbol('secret'), {
      value: () => 1,
    });
    expect(reached(hidden)).toEqual([
      'memory behind memory',
      'deep.0.prototype.constructor',
      'deep.0.prototype.shown',
      'Symbol(secret)',
    ]);
  });
});

test('what is asked at once is paid for at once', async () => {
  const hasty = entry(async ({ model, batch }) => {
    const q = { images: batch.images, ids: batch.ids };
    await Promise.all(Array.from({ length: 30 }, () => model.answers(q)));
    return batch.images;
  });
  const { counts } = await propose(hasty, { ...given, queries: 7 }, { model: small });
  expect(counts.scores).toEqual(ids.map(() => 7));
});

describe('what is written', () => {
  const targets = answers.map((answer) => (answer + 1) % classes);
  const request = {
    images,
    ids,
    labels: answers,
    targets,
    goal: 'targeted',
    epsilon: 2 / 255,
    pixels: 'float32',
  } as const;
  const fresh = () => ({
    ...request,
    images: clone(images),
    labels: answers.slice(),
    targets: targets.slice(),
  });

  test.for(['targeted', 'untargeted'] as const)('into the goal is no success (%s)', async (goal) => {
    const rewriting = entry(async ({ model, batch, goal: own }) => {
      const found = await model.answers({ images: batch.images, ids: batch.ids });
      own.classes.set(goal === 'targeted' ? found.classes : found.classes.map((c) => (c + 1) % classes));
      return clone(batch.images);
    });
    const own = fresh();
    const { samples } = await judge(small, rewriting, { ...own, goal, stopEarly: true });
    expect(samples.filter((s) => s.success)).toEqual([]);
    expect(samples.map((s) => s.target)).toEqual(
      goal === 'targeted' ? [...targets] : ids.map(() => undefined),
    );
    expect(own).toEqual({ ...request, images, labels: answers, targets });
  });

  test('into images and limit moves no centre', async () => {
    const moving = entry(async ({ batch, limit }) => {
      for (const x of [batch.images, batch.start])
        for (let i = 0; i < x.data.length; i++) x.data[i] = 1 - (x.data[i] as number);
      limit.radii.fill(1);
      Reflect.set(limit.spec, 'epsilon', 1);
      return batch.images;
    });
    const own = fresh();
    const { samples, adversarial, flags } = await judge(small, moving, own);
    expect(own).toEqual({ ...request, images, labels: answers, targets });
    const far = adversarial.images.data.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - (images.data[i] as number))),
      0,
    );
    expect(far).toBeLessThanOrEqual(request.epsilon);
    expect(Math.max(...samples.map((s) => s.linf))).toBe(far);
    expect(flags.map((f) => f.code)).toContain('OUTSIDE_LIMIT');
  });

  test('into options is not told, and changes no later run', async () => {
    const seen: unknown[] = [];
    const options = z.strictObject({ steps: z.int().default(3), list: z.array(z.int()).default([1]) });
    const writing = entry(
      async ({ batch, options }) => {
        const own = options as { steps: number; list: number[] };
        seen.push(structuredClone(own));
        own.steps = 99;
        own.list.push(99);
        return batch.images;
      },
      { options },
    );
    const [first, second] = await judge(small, writing, { ...fresh(), epsilon: [1 / 255, 2 / 255] });
    expect(seen).toEqual([
      { steps: 3, list: [1] },
      { steps: 3, list: [1] },
    ]);
    for (const outcome of [first, second]) expect(outcome?.options).toEqual({ steps: 3, list: [1] });
  });

  test('into a result after its return is too late', async () => {
    let held: Images | undefined;
    const holding = entry(async ({ batch }) => {
      held = clone(batch.images);
      return held;
    });
    const { images: made } = await propose(holding, given, { model: small });
    held?.data.fill(0);
    expect(made).toEqual(images);
  });
});
