import { describe, expect, test } from 'vitest';
import { attackResult } from '../../../test/report/attack-result.ts';
import { attributes, cells, parsed, texts } from '../../../test/report/dom.ts';
import { decodePng } from '../../data/index.ts';
import type { SampleResult } from '../../judge/index.ts';
import { tensor } from '../../tensor/index.ts';
import { sampleCards, sampleTable } from './samples.ts';

const [first] = attackResult().samples as [SampleResult];
const sample = (id: string, more: Partial<SampleResult> = {}): SampleResult => ({
  ...first,
  id,
  label: 1,
  clean: 1,
  adversarial: 2,
  success: true,
  ...more,
});

/** One colour of its own for each: red is ten times its row. */
const pictures = (count: number) => {
  const clean = new Uint8Array(count * 3).map((_, i) => (i % 3 === 0 ? Math.floor(i / 3) * 10 : 50));
  const shape = [count, 3, 1, 1];
  return {
    clean: tensor(clean, shape, 'uint8'),
    adversarial: tensor(
      clean.map((v) => v + 4),
      shape,
      'uint8',
    ),
  };
};

const cardsOf = async (samples: SampleResult[], names?: Record<number, string>) =>
  parsed((await sampleCards(samples, pictures(samples.length), names)).join(''));

describe('examples', () => {
  test('are the first that the attack won, then the first others, in the order of the images', async () => {
    const samples = Array.from({ length: 6 }, (_, i) => sample(`i${i}`, { success: i === 2 || i === 4 }));
    const cards = await cardsOf(samples);
    expect(texts(cards, 'h4')).toEqual(['i2', 'i4', 'i0', 'i1', 'i3', 'i5']);
    expect(texts(cards, 'header p').map((t) => t.replace(/^.*: /, ''))).toEqual([
      'the attack won',
      'the attack won',
      ...Array.from({ length: 4 }, () => 'the attack did not win'),
    ]);
  });

  test('are twelve at most, of won ones alone if there are so many', async () => {
    const samples = Array.from({ length: 14 }, (_, i) => sample(`i${i}`, { success: i !== 0 }));
    expect(texts(await cardsOf(samples), 'h4')).toEqual(Array.from({ length: 12 }, (_, i) => `i${i + 1}`));
    expect(texts(await cardsOf(samples.slice(0, 11)), 'h4')).toHaveLength(11);
  });

  test('show the images of their sample, red, green and blue in their places', async () => {
    const samples = Array.from({ length: 3 }, (_, i) => sample(`i${i}`, { success: i === 2 }));
    const [clean, adversarial] = attributes(await cardsOf(samples), 'img', 'src');
    const levels = async (src: string | undefined): Promise<number[]> => {
      const bytes = Buffer.from((src ?? '').replace(/^.*,/, ''), 'base64');
      return [...(await decodePng(bytes, 'the image')).data];
    };
    expect(await levels(clean)).toEqual([20, 50, 50]);
    expect(await levels(adversarial)).toEqual([24, 54, 54]);
  });

  test('mark answers as right, wrong and the target, which a clean image cannot reach', async () => {
    const cards = await cardsOf([
      sample('won', { target: 2 }),
      sample('other', { target: 3, success: false }),
      sample('held', { adversarial: 1, success: false }),
      sample('before', { clean: 2, adversarial: 2, target: 2 }),
      sample('silent', { clean: -1, adversarial: -1, success: false }),
    ]);
    const captions = texts(cards, 'figcaption');
    expect([0, 3, 6, 9, 12].map((at) => captions.slice(at, at + 2))).toEqual([
      ['answer 1 ✓', 'answer 2 ◎'],
      ['answer 2 ✗', 'answer 2 ◎'],
      ['answer 1 ✓', 'answer 2 ✗'],
      ['answer 1 ✓', 'answer 1 ✓'],
      ['abstains', 'abstains'],
    ]);
    expect(texts(cards, 'header p')).toEqual([
      'true class 1, target 2: the attack won',
      'true class 1, target 2: the attack won',
      'true class 1, target 3: the attack did not win',
      'true class 1: the attack did not win',
      'true class 1: there was no answer to the clean image',
    ]);
  });

  test('tell names beside numbers, and a target of 0', async () => {
    const cards = await cardsOf([sample('i', { target: 0 })], { 0: 'stop', 2: 'yield' });
    expect(texts(cards, 'header p')).toEqual(['true class 1, target 0 stop: the attack won']);
    expect(texts(cards, 'figcaption')[1]).toBe('answer 2 yield ✗');
  });
});

describe('the list of images', () => {
  const table = (samples: SampleResult[], draws = 1, names?: Record<number, string>) =>
    parsed(sampleTable(samples, names, draws));

  test('has what came of each image, in its order', () => {
    const found = table([
      sample('a', {
        margin: 1.234,
        linf: 8 / 255,
        l2: 1.5,
        asked: { decisions: 1, scores: 20, gradients: 300 },
      }),
      sample('b', { adversarial: -1, success: false, margin: Number.NaN, linf: 0, l2: 0 }),
      sample('c', { clean: 2, success: false, margin: 0.5, linf: 0, l2: 0 }),
      sample('d', { clean: -1, success: false, margin: 0.5, linf: 0, l2: 0 }),
    ]);
    expect(texts(found, 'thead th')).toEqual([
      'Image',
      'True',
      'Clean answer',
      'Adversarial answer',
      'Attack',
      'Margin',
      'L∞ · 255',
      'L2',
      'Questions',
    ]);
    expect(cells(found)).toEqual([
      ['a', '1', '1', '2', 'won', '1.23', '8.0', '1.500', '321'],
      ['b', '1', '1', 'abstains', 'held', '–', '0.0', '0.000', '21'],
      ['c', '1', '2', '2', 'wrong when clean', '0.50', '0.0', '0.000', '21'],
      ['d', '1', 'abstains', '2', 'no answer when clean', '0.50', '0.0', '0.000', '21'],
    ]);
    expect(attributes(found, 'td[class$="-answer"]', 'class')).toEqual([
      'wrong-answer',
      'right-answer',
      'wrong-answer',
      'wrong-answer',
    ]);
  });

  test('has targets where one image has one', () => {
    const found = table([sample('a', { target: 0 }), sample('b')]);
    expect(texts(found, 'thead th')[2]).toBe('Target');
    expect(cells(found).map((row) => row[2])).toEqual(['0', '']);
  });

  test('tells what is left out beyond a thousand, and whose answers these are', () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => sample(`i${i}`));
    const always =
      'Classes as in the labels given; margin: largest minus second logit on the adversarial image.';
    const [whole, cut] = [table(many(1000)), table(many(1001))];
    expect(texts(whole, 'caption')).toEqual([always]);
    expect(texts(cut, 'caption')).toEqual([`The first 1000 of 1001 images. ${always}`]);
    expect(texts(cut, 'tbody th').slice(-1)).toEqual(['i999']);
    expect(texts(table(many(1), 4), 'caption')).toEqual([
      `${always} Answers and margins are those of the first of 4 draws.`,
    ]);
    expect(texts(table(many(1), 2), 'caption')[0]).toMatch(/first of 2 draws\.$/);
  });
});
