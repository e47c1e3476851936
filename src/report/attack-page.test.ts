import { describe, expect, test } from 'vitest';
import { attackImages, attackResult } from '../../test/report/attack-result.ts';
import { cells, one, parsed, type Root, texts } from '../../test/report/dom.ts';
import { tensor } from '../tensor/index.ts';
import { attackHtml, type NamedAttackResult } from './index.ts';

const images = attackImages();
const pageOf = async (...results: Partial<NamedAttackResult>[]): Promise<Root> =>
  parsed(await attackHtml(results.map((more) => ({ result: { ...attackResult(), ...more }, images }))));
const facts = (page: Root): [string, string][] => {
  const values = texts(page, 'dl dd');
  return texts(page, 'dl dt').map((name, i) => [name, values[i] ?? '']);
};
const curve = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ epsilon: i / 10, robustAccuracy: 1 - i / count }));

describe('facts of an attack', () => {
  test('stand from figures to versions, those alone that there are', async () => {
    const page = await pageOf({ flags: [] });
    expect(facts(page).map(([name]) => name)).toEqual([
      'Clean accuracy',
      'Robust accuracy',
      'Fooled',
      'Cost',
      'Options',
      'Seed',
      'Images',
      'advarena',
      'onnxruntime-node',
    ]);
    expect(page.querySelectorAll('.note').length).toBe(0);
    expect(Object.fromEntries(facts(page))).toMatchObject({
      Options: 'steps 10, decay 1, start "clean"',
      Seed: '1',
      Images: '0'.repeat(64),
    });
  });

  test('tell files of the model and its sources, masks, and what the attack had', async () => {
    const page = await pageOf({
      options: {},
      files: ['aa', 'bb', 'cc'].map((onnx) => ({ onnx, sidecar: onnx === 'aa' ? 'ff' : null })),
      logits: true,
      data: { images: 'dd', masks: 'ee' },
      sources: ['other'],
    });
    const names = facts(page).map(([name]) => name);
    expect(names).not.toContain('Options');
    expect(facts(page).filter(([name]) => /file|sidecar|Scores|Images|Masks|Source/.test(name))).toEqual([
      ['Source', 'other'],
      ['Scores', 'logits before the final softmax or sigmoids'],
      ['Model file', 'aa'],
      ['Its sidecar', 'ff'],
      ['Source file', 'bb'],
      ['Its sidecar', 'none'],
      ['Source file', 'cc'],
      ['Its sidecar', 'none'],
      ['Images', 'dd'],
      ['Masks', 'ee'],
    ]);
  });

  test('flags stand above them', async () => {
    const flags = [{ code: 'one', message: 'First.' }];
    expect(texts(await pageOf({ flags }), '.note li')).toEqual(['oneFirst.']);
  });

  test('clean and robust accuracy have their cards, with intervals', async () => {
    const found = [...(await pageOf({})).querySelectorAll('.cards .card')].map((card) => texts(card, 'p'));
    expect(found).toEqual([
      ['Clean accuracy', '87.5 % (73.9–94.5)', 'of all images, before the attack'],
      ['Robust accuracy', '22.5 % (12.3–37.5)', 'of all images, right before and after'],
    ]);
  });
});

describe('what is told of a limit', () => {
  const lead = async (more: Partial<NamedAttackResult>): Promise<string> =>
    /^40 images, untargeted, (.*), 8-bit pixels\.$/.exec(texts(await pageOf(more), '.lead')[0] ?? '')?.[1] ??
    '';

  test('is the norm and the radius, or that there is none', async () => {
    expect(await lead({})).toBe('L∞ ≤ 8/255');
    expect(await lead({ norm: 'l0', epsilon: 5 })).toBe('L0 ≤ 5 pixels');
    expect(await lead({ norm: 'l0-entries', epsilon: 5 })).toBe('L0 ≤ 5 entries');
    expect(await lead({ norm: 'l1', epsilon: 0 })).toBe('L1 ≤ 0');
    expect(await lead({ epsilon: null, region: { share: 0.1 } })).toBe(
      'any pixels within a square of 10 % of the area',
    );
    expect(await lead({ epsilon: null, norm: 'l1', curve: [] })).toBe('smallest L1 change');
  });
});

describe('parts of one radius', () => {
  test('are the curve where it has points, then how images lie, examples and images', async () => {
    const rest = ['How the images lie', 'Examples', 'Images'];
    expect(texts(await pageOf({}), 'h2')).toEqual(rest);
    expect(texts(await pageOf({ curve: curve(1) }), 'h2')).toEqual(rest);
    expect(texts(await pageOf({ curve: curve(2) }), 'h2')).toEqual(['How far it had to go', ...rest]);
  });

  test('a curve tells how many of its radii stand in the table', async () => {
    const caption = async (count: number): Promise<string | undefined> =>
      texts(
        await pageOf({ norm: 'l2', epsilon: null, curve: curve(count) }),
        '[aria-label="Curve"] caption',
      )[0];
    expect([await caption(12), await caption(13)]).toEqual(['12 radii', '12 of 13 radii']);
  });

  test('without images there is nothing to draw', async () => {
    const none = tensor(new Uint8Array(0), [0, 3, 32, 32], 'uint8');
    const page = parsed(
      await attackHtml([
        { result: { ...attackResult(), samples: [] }, images: { clean: none, adversarial: none } },
      ]),
    );
    expect(texts(page, 'h2')).toEqual(['Images']);
    expect(page.querySelectorAll('figure').length).toBe(0);
  });

  test('examples are counted among all images, and the spread has a row for each measure', async () => {
    const page = await pageOf({});
    expect(texts(page, '.examples').length).toBe(1);
    expect(texts(page, 'h2 + p')[0]).toBe(
      '12 of 40 images, the first that the attack won, then the first that it did not.',
    );
    expect(cells(one(page, '[aria-label="Per image"]')).map(([name]) => name)).toEqual([
      'Change, linf in 1/255',
      'Change, l2',
      'Largest less second logit',
      'Questions',
    ]);
    expect(cells(one(page, '[aria-label="Per image"]'))[0]).toEqual([
      'Change, linf in 1/255',
      '7.0',
      '8.0',
      '8.0',
    ]);
  });
});

describe('several radii', () => {
  test('have a table of them first, and parts under headings of their own, without curves', async () => {
    const page = await pageOf(
      { norm: 'l2', epsilon: 1, curve: curve(3), robustAccuracy: 0.5 },
      { norm: 'l2', epsilon: 2, curve: curve(3), robustAccuracy: 0.25 },
    );
    expect(texts(page, 'h2')).toEqual(['L2 ≤ 1', 'L2 ≤ 2']);
    const parts = ['How the images lie', 'Examples', 'Images'];
    expect(texts(page, 'h3')).toEqual([...parts, ...parts]);
    expect(cells(one(page, '[aria-label="Radii"]')).map((row) => row.slice(0, 3))).toEqual([
      ['L2 ≤ 1', '87.5 %', '50.0 % (35.2–64.8)'],
      ['L2 ≤ 2', '87.5 %', '25.0 % (14.2–40.2)'],
    ]);
  });

  test('one has no such table', async () => {
    expect((await pageOf({})).querySelectorAll('[aria-label="Radii"]').length).toBe(0);
  });
});

test('the page is named after who attacked whom, as text', async () => {
  const page = await pageOf({ attack: '<i>a', model: '"m"' });
  expect(texts(page, 'title')).toEqual(['<i>a against "m" – advarena']);
  expect(texts(page, 'h1')).toEqual(['<i>a against "m"']);
});

test('as many images as samples on either side, and a result at least', async () => {
  const { clean, adversarial } = images;
  const fewer = tensor(clean.data.slice(0, 39 * 3 * 32 * 32), [39, 3, 32, 32], 'uint8');
  const made = (given: typeof images) => attackHtml([{ result: attackResult(), images: given }]);
  await expect(made({ clean: fewer, adversarial })).rejects.toThrow('39 clean images for 40 samples');
  await expect(made({ clean, adversarial: fewer })).rejects.toThrow('39 adversarial images for 40 samples');
  await expect(attackHtml([])).rejects.toThrow(new RangeError('no result to report'));
});
