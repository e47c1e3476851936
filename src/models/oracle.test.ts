import { describe, expect, test } from 'vitest';
import { filled, linearNetwork, small } from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { AdvarenaError, int64, type Tensor, tensor } from '../tensor/index.ts';
import type { Asked, GradientAnswer, Question } from './classifier.ts';
import { margin, type Objective } from './objectives.ts';
import { type Access, type Oracle, oracleOf, type Trouble } from './oracle.ts';

const input = { channels: 1, height: 2, width: 2 };
const two = filled('two', [2, 1, 2, 2]);
const given = { labels: int64([0, 0]) };

/** An oracle over a model that notes what reaches it, and answers class 2 with an extra. */
function sealed({
  access = 'gradient',
  scores = true,
  broken,
  ended = () => false,
}: {
  access?: Access;
  scores?: boolean;
  broken?: Error;
  ended?: () => boolean;
} = {}): { oracle: Oracle; seen: Asked[]; trouble: Trouble } {
  const seen: Asked[] = [];
  const trouble: Trouble = {};
  const answer = (q: Asked): GradientAnswer => {
    seen.push(q);
    if (broken !== undefined) throw broken;
    const count = q.ids.length;
    return {
      classes: new Int32Array(count).fill(2),
      ...(scores && { scores: tensor(new Float32Array(3 * count), [count, 3]) }),
      extra: { reject: new Float64Array(count) },
      value: new Float32Array(count),
      gradient: q.images,
    } as GradientAnswer;
  };
  const model = {
    name: 'm',
    input,
    classes: 3,
    rowsPerRun: 4,
    secret: 'not for attacks',
    answers: async (q: Asked) => answer(q),
    gradient: async (q: Asked) => answer(q),
  };
  const oracle = oracleOf(model, {
    access,
    ids: ['a', 'b'],
    why: 'which nobody granted',
    trouble,
    ended,
  });
  return { oracle, seen, trouble };
}

const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'answered',
    (error: AdvarenaError) => error.toJSON(),
  );

/** Every way to ask. */
const ways: readonly ((oracle: Oracle, q: Question) => Promise<unknown>)[] = [
  (oracle, q) => oracle.answers(q),
  (oracle, q) => oracle.scores(q),
  (oracle, q) => oracle.gradient(q, margin(), given),
];

describe('what is refused, however it is asked', () => {
  const images = two;
  const half = tensor(two.data.subarray(0, 7), [7]);
  test.for<[what: string, question: object]>([
    ['2 images with 0 ids and no draws', { images, ids: [] }],
    ['2 images with 1 ids and no draws', { images, ids: ['a'] }],
    ['2 images with 3 ids and no draws', { images, ids: ['a', 'b', 'a'] }],
    ['2 images with 2 ids and 1 draws', { images, ids: ['a', 'b'], draw: Uint32Array.of(1) }],
    ['an image of the id "c", which is not of its batch', { images, ids: ['a', 'c'] }],
    ['an image of the id "__proto__", which is not of its batch', { images, ids: ['a', '__proto__'] }],
    ['images that are not float32', { images: { ...images, dtype: 'uint8' }, ids: ['a', 'b'] }],
    ['images that are not float32', { images: { ...images, data: [...images.data] }, ids: ['a', 'b'] }],
    [
      '8 numbers as images of 2x1x2, not of 1x2x2',
      { images: { ...images, shape: [2, 2, 1, 2] }, ids: ['a', 'b'] },
    ],
    [
      '7 numbers as images of 1x2x2, not of 1x2x2',
      { images: { ...half, shape: images.shape }, ids: ['a', 'b'] },
    ],
  ])('%s', async ([what, question]) => {
    const { oracle, seen, trouble } = sealed();
    for (const ask of ways)
      expect(await refusalOf(ask(oracle, question as Question))).toEqual({
        code: 'QUESTION',
        message: `The attack asks about ${what}.`,
        remedy: "Ask with one id of the batch for each image, in the model's size.",
      });
    expect([seen, trouble]).toEqual([[], {}]);
  });

  test.for<[Access, refused: string[]]>([
    ['none', ['answers', 'scores', 'gradients']],
    ['decision', ['scores', 'gradients']],
    ['scores', ['gradients']],
    ['gradient', []],
  ])('more than the access "%s"', async ([access, refused]) => {
    const { oracle, seen, trouble } = sealed({ access });
    expect(oracle.access).toBe(access);
    const question = { images: two, ids: ['a', 'b'] };
    const found: string[] = [];
    for (const ask of ways) {
      const refusal = await refusalOf(ask(oracle, question));
      if (typeof refusal !== 'object') continue;
      expect(refusal).toMatchObject({
        code: 'ACCESS',
        message: expect.stringMatching(/^The attack asks m for \w+, which nobody granted\.$/),
        remedy: 'Declare the access that the attack needs, and grant it in the rules.',
      });
      found.push(/for (\w+)/.exec((refusal as AdvarenaError).message)?.[1] as string);
    }
    expect(found).toEqual(refused);
    expect([seen.length, trouble]).toEqual([ways.length - refused.length, {}]);
  });
});

test('below scores an answer holds classes alone', async () => {
  const question = { images: two, ids: ['a', 'b'] };
  const { oracle } = sealed({ access: 'decision' });
  expect(await oracle.answers(question)).toEqual({ classes: Int32Array.of(2, 2) });
  const more = await sealed({ access: 'scores' }).oracle.answers(question);
  expect(Object.keys(more)).toEqual(expect.arrayContaining(['classes', 'scores', 'extra']));
});

test('a model without scores says so where they are asked for', async () => {
  const { oracle } = sealed({ scores: false });
  const asked = { images: two, ids: ['a', 'b'] };
  expect(await told({ 'scores of classes': () => oracle.scores(asked) })).toMatchInlineSnapshot(
    `"scores of classes: NO_SCORES m answers with classes alone. | Use an attack of the access "decision"."`,
  );
});

describe('draws', () => {
  /** The draws that reach the model, question by question. */
  async function drawsOf(questions: readonly Partial<Question>[]): Promise<number[][]> {
    const { oracle, seen } = sealed();
    for (const [i, { ids = [], draw }] of questions.entries()) {
      const images = filled('images', [ids.length, 1, 2, 2]);
      const q = { images, ids, ...(draw && { draw }) };
      await (ways[i % ways.length] as (typeof ways)[number])(oracle, q);
    }
    return seen.map((q) => [...q.draw]);
  }

  test('left out, the rows of each sample are numbered, over all questions and within one', async () => {
    const questions = [['a', 'b'], ['a', 'a', 'b', 'a'], ['b'], [], ['a', 'b']].map((ids) => ({ ids }));
    expect(await drawsOf(questions)).toEqual([[0, 0], [1, 2, 1, 3], [2], [], [4, 3]]);
  });

  test('that are named stay as they are, and are not counted', async () => {
    const questions = [{ ids: ['a'] }, { ids: ['a', 'b'], draw: Uint32Array.of(7, 7) }, { ids: ['a', 'b'] }];
    expect(await drawsOf(questions)).toEqual([[0], [7, 7], [1, 0]]);
  });

  test('of a refused question are not spent', async () => {
    const { oracle, seen } = sealed();
    await expect(oracle.answers({ images: two, ids: ['a', 'c'] })).rejects.toThrow('of the id "c"');
    await oracle.answers({ images: two, ids: ['a', 'b'] });
    expect(seen.map((q) => [...q.draw])).toEqual([[0, 0]]);
  });
});

test('shows its own fields alone, and none can be changed', () => {
  const { oracle } = sealed();
  expect(Object.keys(oracle)).toEqual([
    'name',
    'input',
    'classes',
    'rowsPerRun',
    'access',
    'answers',
    'scores',
    'gradient',
  ]);
  expect([oracle, oracle.input].map(Object.isFrozen)).toEqual([true, true]);
  expect(oracle.input).not.toBe(input);
});

describe('a question that changes while it is read', () => {
  /** Reads as `first` so many times, then as `then`. */
  const changing = <A extends object>(first: A, then: A, reads: number): A => {
    let left = reads;
    return new Proxy(first, {
      get: (_, key) => Reflect.get(left-- > 0 ? first : then, key),
    });
  };
  const reads = Array.from({ length: 24 }, (_, i) => i);
  class Liar extends Float32Array {
    override get length(): number {
      return 8;
    }
    override slice(): Float32Array<ArrayBuffer> {
      return new Float32Array(400);
    }
  }

  test.for<[what: string, question: (after: number) => object]>([
    ['ids', (after) => ({ images: two, ids: changing(['a', 'b'], ['c', 'd', 'e'], after) })],
    ['fewer ids', (after) => ({ images: two, ids: changing(['a', 'b'], ['a'], after) })],
    ['an id', (after) => ({ images: two, ids: [changing(new String('a'), new String('c'), after), 'b'] })],
    [
      'the shape',
      (after) => ({
        images: { ...two, shape: changing([2, 1, 2, 2], [100, 1, 2, 2], after) },
        ids: ['a', 'b'],
      }),
    ],
    [
      'draws',
      (after) => ({
        images: two,
        ids: ['a', 'b'],
        draw: changing(Uint32Array.of(1, 2), new Uint32Array(9), after),
      }),
    ],
    [
      'images',
      (after) => ({ images: changing(two, filled('many', [100, 1, 2, 2]), after), ids: ['a', 'b'] }),
    ],
    ['numbers', () => ({ images: { ...two, data: new Liar(100) }, ids: ['a', 'b'] })],
    ['everything', (after) => changing({ images: two, ids: ['a', 'b'] }, { images: two, ids: ['a'] }, after)],
  ])('%s: gets nothing that it could not ask for', async ([, question]) => {
    for (const after of reads) {
      const { oracle, seen, trouble } = sealed();
      for (const ask of ways) await ask(oracle, question(after) as Question).catch(() => undefined);
      for (const { images, ids, draw } of seen) {
        expect(ids.every((id) => id === 'a' || id === 'b')).toBe(true);
        expect([images.shape, images.data.length, draw.length]).toEqual([
          [ids.length, 1, 2, 2],
          4 * ids.length,
          ids.length,
        ]);
        expect(Object.getPrototypeOf(images.data)).toBe(Float32Array.prototype);
      }
      expect(trouble).toEqual({});
    }
  });

  test('what is written into its images afterwards does not reach the model', async () => {
    const { oracle, seen } = sealed();
    const images: Tensor = { ...two, data: two.data.slice() };
    const answer = oracle.answers({ images, ids: ['a', 'b'] });
    images.data.fill(9);
    await answer;
    expect(seen[0]?.images.data).toEqual(two.data);
  });
});

describe('whose fault it is', () => {
  test('what breaks in the model is kept, the first of all, and thrown', async () => {
    const broken = new AdvarenaError('RUNTIME_RUN', 'It broke.');
    const { oracle, trouble } = sealed({ broken });
    for (const ask of ways) {
      await expect(ask(oracle, { images: two, ids: ['a', 'b'] })).rejects.toBe(broken);
      expect(trouble.error).toBe(broken);
    }
    trouble.error = 'an earlier one';
    await expect(oracle.answers({ images: two, ids: ['a', 'b'] })).rejects.toBe(broken);
    expect(trouble.error).toBe('an earlier one');
  });

  test.for<[what: string, given: object, received: string]>([
    ['nothing', {}, 'nothing'],
    ['rows for another number of images', { labels: int64([0]) }, 'int64 [1]'],
    ['another type', { labels: tensor(new Float32Array(2), [2]) }, 'float32 [2]'],
    ['other axes', { labels: int64([0, 0], [2, 1]) }, 'int64 [2, 1]'],
  ])("an objective that is given %s is the attack's own", async ([, wrong, received]) => {
    const model = small(input, linearNetwork(input, 3), 'linear');
    const trouble: Trouble = {};
    const oracle = oracleOf(model, { access: 'gradient', ids: ['a', 'b'], why: '', trouble });
    expect(
      await refusalOf(oracle.gradient({ images: two, ids: ['a', 'b'] }, margin(), wrong as typeof given)),
    ).toEqual({
      code: 'QUESTION',
      message: `"labels" is int64 [2], but received ${received}.`,
      where: 'the objective margin',
      remedy: 'Give what the objective asks for, one row for each image.',
    });
    expect(trouble).toEqual({});
    await model.release();
  });

  test('an objective that asks for an output which the model lacks is its own failure', async () => {
    const model = small(input, linearNetwork(input, 3), 'linear');
    const trouble: Trouble = {};
    const oracle = oracleOf(model, { access: 'gradient', ids: ['a'], why: '', trouble });
    const objective: Objective = { key: 'none', build: (_b, net) => net.output('nothing') };
    const q = { images: filled('one', [1, 1, 2, 2]), ids: ['a'] };
    await expect(oracle.gradient(q, objective, {})).rejects.toMatchObject({ code: 'OUTPUT' });
    expect(trouble).toEqual({});
  });
});

test('once the attack is over nothing is answered', async () => {
  let over = false;
  const { oracle, seen } = sealed({ ended: () => over });
  const question = { images: two, ids: ['a', 'b'] };
  await oracle.answers(question);
  over = true;
  for (const ask of ways)
    expect(await refusalOf(ask(oracle, question))).toMatchObject({
      code: 'QUESTION',
      message: expect.stringContaining('images after its end'),
    });
  expect(seen).toHaveLength(1);
});
