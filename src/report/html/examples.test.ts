import { describe, expect, test } from 'vitest';
import { attributes, cells, parsed, type Root, texts } from '../../../test/report/dom.ts';
import { tournamentResult } from '../../../test/report/tournament-result.ts';
import type { Example } from '../../arena/index.ts';
import { encodePng } from '../../data/index.ts';
import { exampleCards, type Picture, triple } from './examples.ts';

const picture = async (level: number, width = 4): Promise<Picture> => {
  const image = { height: 1, width, channels: 1, data: new Uint8Array(width).fill(level) };
  return { png: await encodePng(image), image };
};

const uri = ({ png }: Picture): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

describe('an image before, after, and the change', () => {
  test('stand in this order, each with its words', async () => {
    const [clean, adversarial] = [await picture(100), await picture(108)];
    const found = parsed(await triple('7', clean, adversarial));
    expect(attributes(found, 'img', 'src').slice(0, 2)).toEqual([uri(clean), uri(adversarial)]);
    expect(attributes(found, 'img', 'alt')).toEqual([
      'Image 7, clean',
      'Image 7, adversarial',
      'Change of image 7, magnified 15 times around grey',
    ]);
    expect(texts(found, 'figcaption')).toEqual([
      'clean',
      'adversarial',
      'change × 15 around grey, at most 8/255',
    ]);
  });

  test('no change is said to be none, the least one is told', async () => {
    const change = async (level: number): Promise<string | undefined> =>
      texts(parsed(await triple('7', await picture(100), await picture(level))), 'figcaption')[2];
    expect(await change(100)).toBe('no change');
    expect(await change(99)).toBe('change × 127 around grey, at most 1/255');
  });

  test('up to 128 pixels of width show as squares', async () => {
    const classes = async (width: number): Promise<string[]> =>
      attributes(parsed(await triple('7', await picture(1, width), await picture(2, width))), 'img', 'class');
    expect(await classes(128)).toEqual(['small', 'small', 'small']);
    expect(await classes(129)).toEqual(['', '', '']);
  });
});

describe('an example of a tournament', () => {
  const example: Example = {
    id: 'i1',
    attack: 'mi-fgsm',
    epsilon: 16 / 255,
    label: 304,
    clean: 'c',
    adversarial: 'a',
    answers: [
      { defense: 'held', clean: 304, adversarial: 304 },
      { defense: 'fooled', clean: 304, adversarial: 305 },
      { defense: 'hit', clean: 304, adversarial: 813 },
      { defense: 'hit before', clean: 813, adversarial: 813 },
      { defense: 'silent', clean: null, adversarial: null },
    ],
  };
  const classNames = { 304: 'coucal', 813: 'space heater' };
  const card = async (more: Partial<Example>, names?: typeof classNames): Promise<Root> => {
    const result = tournamentResult();
    result.examples = [{ ...example, ...more }];
    if (names) result.dataset.classNames = names;
    const images = async (hash: string): Promise<Uint8Array> => (await picture(hash === 'c' ? 100 : 108)).png;
    return parsed((await exampleCards(result, images)).join(''));
  };

  test('marks answers as right, wrong and the target, which a clean image cannot reach', async () => {
    const targeted = await card({ target: 813 });
    expect(cells(targeted)).toEqual([
      ['held', '304 ✓', '304 ✓'],
      ['fooled', '304 ✓', '305 ✗'],
      ['hit', '304 ✓', '813 ◎'],
      ['hit before', '813 ✗', '813 ◎'],
      ['silent', 'none', 'none'],
    ]);
    const [right, wrong, none] = ['right right-answer', 'right wrong-answer', 'right soft'];
    expect(attributes(targeted, 'tbody td', 'class')).toEqual(
      [
        [right, right],
        [right, wrong],
        [right, wrong],
        [wrong, wrong],
        [none, none],
      ].flat(),
    );
  });

  test('without a target has none to tell or reach', async () => {
    const plain = await card({});
    expect(cells(plain)[2]).toEqual(['hit', '304 ✓', '813 ✗']);
    expect(texts(plain, 'header p')).toEqual(['L∞ ≤ 16/255, image i1, true class 304']);
    expect(texts(await card({ target: 813 }), 'header p')).toEqual([
      'L∞ ≤ 16/255, image i1, true class 304, target 813',
    ]);
    expect(texts(await card({ target: 0 }), 'header p')[0]).toMatch(/, target 0$/);
  });

  test('tells classes by their names where they have one', async () => {
    const named = await card({ target: 813 }, classNames);
    expect(texts(named, 'header p')[0]).toMatch(/true class coucal, target space heater$/);
    expect(cells(named)[1]).toEqual(['fooled', 'coucal ✓', '305 ✗']);
    expect(cells(named)[2]).toEqual(['hit', 'coucal ✓', 'space heater ◎']);
  });

  test('shows the clean image before the adversarial one', async () => {
    const [clean, adversarial] = [await picture(100), await picture(108)];
    expect(attributes(await card({}), 'img', 'src').slice(0, 2)).toEqual([uri(clean), uri(adversarial)]);
  });
});
