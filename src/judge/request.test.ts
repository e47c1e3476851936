import { describe, expect, test } from 'vitest';
import { bright, brightImages as images } from '../../test/bright.ts';
import { told } from '../../test/told.ts';
import {
  type Attack,
  ddn,
  fgsm,
  inTurn,
  noop,
  pgd,
  priorGuided,
  randomNoise,
  square,
  sticker,
} from '../attacks/index.ts';
import { type Classifier, over } from '../models/index.ts';
import type { AdvarenaError } from '../tensor/index.ts';
import { attack } from './attack.ts';
import type { AttackRequest } from './request.ts';
import { openedBy } from './team.ts';

/** What is said to a request on three images of two classes. */
async function said<O>(by: Attack<O>, change: Partial<AttackRequest>): Promise<string> {
  const request = { images, labels: [0, 1, 0], epsilon: 0.1, ...change } as AttackRequest;
  return attack(bright(), by, request as AttackRequest & { epsilon: number }).then(
    () => 'nothing thrown',
    ({ code, message, remedy }: AdvarenaError) => `${code}: ${message} | ${remedy}`,
  );
}

const without = { epsilon: undefined } as unknown as Partial<AttackRequest>;

test('what an attack may not ask is refused before it starts', async () => {
  expect([
    await said(square, { opponent: 'none' }),
    await said(square, { opponent: 'decision' }),
    await said(pgd, { opponent: 'scores' }),
    await said(priorGuided, { sources: [bright()], opponent: 'decision' }),
    await said(square, { opponent: 'scores', queries: 2 }),
    await said(square, { sources: [bright()], opponent: 'none', queries: 2 }),
    await said(noop, { opponent: 'none' }),
  ]).toMatchInlineSnapshot(`
    [
      "OPPONENT: The attack square asks the judged model for scores. | Grant it: --opponent scores (opponent: 'scores').",
      "OPPONENT: The attack square asks the judged model for scores. | Grant it: --opponent scores (opponent: 'scores').",
      "OPPONENT: The attack pgd asks the judged model for gradient. | Grant it: --opponent gradient (opponent: 'gradient').",
      "OPPONENT: The attack prior-guided asks the judged model for scores. | Grant it: --opponent scores (opponent: 'scores').",
      "nothing thrown",
      "nothing thrown",
      "nothing thrown",
    ]
  `);
});

test('questions that it never asks, and numbers that are none', async () => {
  expect([
    await said(randomNoise, { queries: 3 }),
    await said(square, { queries: { gradients: 3 } }),
    await said(square, { queries: 0 }),
    await said(square, { queries: { scores: 1.5 } }),
    await said(noop, { draws: 0 }),
    await said(noop, { draws: 1.5 }),
  ]).toMatchInlineSnapshot(`
    [
      "QUERIES: The attack random-noise asks for no decisions or scores. | It asks nothing: leave the limit out.",
      "QUERIES: The attack square asks for no gradients. | It asks for scores.",
      "QUERIES: 0 is no number of questions. | Give a whole number of at least 1.",
      "QUERIES: 1.5 is no number of questions. | Give a whole number of at least 1.",
      "DRAWS: 0 is no number of draws. | Give a whole number of at least 1.",
      "DRAWS: 1.5 is no number of draws. | Give a whole number of at least 1.",
    ]
  `);
});

test('radii that an attack cannot work within, and none where it needs one', async () => {
  expect([
    await said(fgsm, without),
    await said(fgsm, { epsilon: 'free' }),
    await said(fgsm, { epsilon: [] }),
    await said(fgsm, { epsilon: [0.1, 0.2, 0.1] }),
    await said(fgsm, { epsilon: [0.1, 0] }),
    await said(ddn, { epsilon: [0.1, -1] }),
    await said(ddn, { epsilon: Number.NaN }),
    await said(noop, { norm: 'l0', epsilon: 0.5 }),
    await said(sticker, { epsilon: 1 }),
    await said(ddn, without),
  ]).toMatchInlineSnapshot(`
    [
      "EPSILON: The attack fgsm works inside a radius, and none is given. | Give --epsilon, such as 8/255, or take an attack of minimum norm.",
      "EPSILON: Without a bound an attack could paint any image. | Give a radius, or a region for it to work in: --mask FILE, or --area SHARE of the image.",
      "EPSILON: The list of epsilons is empty. | Give at least one.",
      "EPSILON: The epsilon 0.1 stands there twice. | Leave one of them out.",
      "EPSILON: epsilon is 0. | Give a positive number in pixel units of [0,1], at most 1, such as 8/255.",
      "EPSILON: epsilon is -1. | Give a positive number in pixel units of [0,1], such as 8/255.",
      "EPSILON: epsilon is NaN. | Give a positive number in pixel units of [0,1], such as 8/255.",
      "EPSILON: epsilon is 0.5. | Give a whole number of pixels, such as 5.",
      "REGION: The attack sticker works in a region of the image. | Give one: --mask FILE, or --area SHARE of the image.",
      "nothing thrown",
    ]
  `);
});

test('without a radius a region is the bound, and a result says so', async () => {
  const region = { share: 0.25 };
  const request = { images, labels: [0, 1, 1], epsilon: 'free' as const, region, options: { steps: 3 } };
  const result = await attack(bright(), sticker, request);
  expect(result).toMatchObject({ epsilon: null, region, norm: 'linf', flags: [] });
  // A quarter of four pixels is one.
  const changed = (i: number): number =>
    [...(result.adversarial.bytes?.data.subarray(4 * i, 4 * i + 4) ?? [])].filter(
      (v) => v !== images.data[4 * i],
    ).length;
  expect([0, 1, 2].map(changed)).toEqual([1, 1, 1]);
});

describe('sources', () => {
  const more = over(bright(), { name: 'more', classes: 3 });

  test('that do not suit are refused', async () => {
    expect([
      await said(noop, { sources: [bright()] }),
      await said(fgsm, { sources: [bright(), more] }),
      await said(fgsm, { sources: [] }),
      await said(fgsm, { sources: [bright(), bright()] }),
      await said(inTurn, { sources: [bright(), bright()], labelsFrom: 'predicted' }),
    ]).toMatchInlineSnapshot(`
      [
        "SOURCES: The attack noop opens no model. | Leave its sources out.",
        "SOURCES: The source more answers with 3 classes, bright with 2. | Take sources of the same dataset.",
        "SOURCES: The list of sources is empty. | Name at least one, or leave it out.",
        "SOURCES: Several sources that only exist in this thread cannot be one. | Load them from files, or give one.",
        "SOURCES: Several sources that cannot be one have no answers of their own. | Attack the true labels, or give one source.",
      ]
    `);
  });

  test('that cannot be part of an ensemble are refused, one by one they are taken', async () => {
    const plain = { model: { file: 'a.onnx' }, name: 'a' };
    const defended = { ...plain, chain: [{ name: 'jpeg', options: {} }], name: 'jpeg(a)' };
    expect(openedBy({ members: true }, [plain, defended])).toEqual({ members: [plain, defended] });
    expect(
      await told({
        'a defended one': () => openedBy({}, [plain, defended]),
        'one without a name': () => openedBy({}, [plain, { model: { ensemble: [plain.model] } }]),
      }),
    ).toMatchInlineSnapshot(`
      "a defended one: SOURCES The source jpeg(a) is no plain network, so it cannot be part of an ensemble. | Give it alone, or give networks from files.
      one without a name: SOURCES A source is no plain network, so it cannot be part of an ensemble. | Give it alone, or give networks from files."
    `);
  });

  test('an attack that opens the judged model is told of', async () => {
    const model = bright();
    const request = { images, labels: [0, 1, 0], epsilon: 0.2 };
    const run = (sources: readonly Classifier[]) => attack(model, inTurn, { ...request, sources });
    expect((await run([model])).flags).toMatchObject([{ code: 'SOURCE_IS_JUDGED' }]);
    const { sources, flags } = await run([model, bright()]);
    expect({ sources, flags }).toEqual({
      sources: ['bright', 'bright'],
      flags: [
        {
          code: 'SOURCE_IS_JUDGED',
          message:
            'The attack opened bright, on which the judged model stands: these figures are no transfer.',
        },
      ],
    });
    expect((await run([bright()])).flags).toEqual([]);
  });
});

test('a result says through what the attack looked, what it opened and how much it might ask', async () => {
  const request = { images, labels: [0, 1, 0], epsilon: 0.1 };
  const { through, sources, queries } = await attack(bright(), pgd, {
    ...request,
    options: { steps: 1 },
    through: ['bpda'],
    sources: [bright()],
    queries: { gradients: 5 },
  });
  expect({ through, sources, queries }).toEqual({
    through: [{ name: 'bpda', options: { backward: 'surrogate' } }],
    sources: ['bright'],
    queries: { gradients: 5 },
  });
  const plain = await attack(bright(), fgsm, request);
  for (const key of ['through', 'sources', 'queries']) expect(plain).not.toHaveProperty(key);
});
