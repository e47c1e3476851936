import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { attackImages, attackResult } from '../../test/report/attack-result.ts';
import { tournamentResult } from '../../test/report/tournament-result.ts';
import { decodePng, encodePng } from '../data/index.ts';
import { heatColours, heatSteps } from './html/heat-scale.ts';
import { marginSvg } from './html/histogram.ts';
import { html } from './html/markup.ts';
import { magnify } from './html/perturbation.ts';
import { rankSvg } from './html/ranks.ts';
import { attackHtml, tournamentHtml } from './index.ts';
import { boardsAt } from './reading.ts';

const grey = (level: number): Parameters<typeof encodePng>[0] => ({
  height: 4,
  width: 4,
  channels: 1,
  data: new Uint8Array(16).fill(level),
});

async function pictures(): Promise<(hash: string) => Uint8Array> {
  const clean = await encodePng(grey(100));
  const adversarial = await encodePng(grey(108));
  return (hash) => (hash.endsWith('-clean') ? clean : adversarial);
}

type Page = ReturnType<typeof parseHTML>['document'];

const parse = (text: string): Page => parseHTML(text).document;

/** Nothing that a browser would fetch, and nothing that it would run. */
function expectSelfContained(text: string): void {
  const addresses = [...text.matchAll(/(?:src|href|srcset|action|data)="([^"]*)"/g)].map((m) => m[1] ?? '');
  expect(addresses.filter((a) => !a.startsWith('#') && !a.startsWith('data:image/png;base64,'))).toEqual([]);
  expect(text).not.toMatch(/url\(|@import|<script|<link|<iframe|https?:\/\/(?!www\.w3\.org\/)/);
}

describe('tournament page', () => {
  let text: string;
  let document: Page;
  beforeAll(async () => {
    text = await tournamentHtml(tournamentResult(), { images: await pictures() });
    document = parse(text);
  });

  test('is one file of modest size that fetches and runs nothing', () => {
    expectSelfContained(text);
    expect(text.length).toBeLessThan(250_000);
  });

  test('names every attack and defense in its boards, its matrix and its lists', () => {
    const result = tournamentResult();
    for (const { name } of [...result.attacks, ...result.defenses]) {
      for (const place of ['[data-view="0-0"]', 'table.heat', 'table.by-epsilon'])
        expect(document.querySelector(place)?.textContent, `${name} in ${place}`).toContain(name);
    }
  });

  test('one heatmap of accuracy and one of targets per epsilon, every cell of it filled', () => {
    const result = tournamentResult();
    const maps = [...document.querySelectorAll('table.heat[data-shown="accuracy"]')];
    expect(maps.map((m) => m.querySelector('caption')?.textContent)).toEqual([
      'Accuracy of the defense in %, L∞ ≤ 8/255',
      'Accuracy of the defense in %, L∞ ≤ 16/255',
    ]);
    expect(document.querySelectorAll('table.heat[data-shown="hit"]').length).toBe(2);
    for (const [i, map] of maps.entries()) {
      const here = result.cells.filter((c) => c.epsilon === result.epsilons[i]);
      expect(map.querySelectorAll('td').length).toBe(here.length);
      expect(map.querySelectorAll('td.white-box').length).toBe(
        here.filter((c) => c.threat === 'white box').length,
      );
    }
    const first = result.cells.find((c) => c.attack === 'pgd-40' && c.defense === 'mobilenet_v2');
    const row = [...(maps[0]?.querySelectorAll('tbody tr') ?? [])].find((r) =>
      r.textContent?.startsWith('pgd-40'),
    );
    expect(row?.querySelector('td:last-child')?.textContent).toBe(
      `${((first?.accuracy ?? 0) * 100).toFixed(1)} white box`,
    );
  });

  test('a board for each threat model and bound, and a rule that shows it', () => {
    const views = [...document.querySelectorAll('.board')].map((b) => b.getAttribute('data-view'));
    expect(views).toEqual(['0-0', '0-1', '0-2', '1-0', '1-1', '1-2', '2-0', '2-1', '2-2']);
    for (const view of views) expect(text).toContain(`.board[data-view="${view}"] { display: block; }`);
    expect(document.querySelectorAll('input[type="radio"]').length).toBe(6);
  });

  test('every picture has words, every table a caption, every scroll box a name', () => {
    for (const image of document.querySelectorAll('img'))
      expect(image.getAttribute('alt')).toMatch(/^(Image|Change of image) \w+/);
    for (const table of document.querySelectorAll('table'))
      expect(table.querySelector('caption')?.textContent).not.toBe('');
    for (const box of document.querySelectorAll('.scroll'))
      expect(box.getAttribute('aria-label')).not.toBe(null);
    for (const drawing of document.querySelectorAll('[role="img"]'))
      expect(drawing.getAttribute('aria-label')).toMatch(/\.$/);
  });

  test('flags stand above the figures that they are about, and in full below', () => {
    expect(text.indexOf('MISSING_ANSWERS')).toBeLessThan(text.indexOf('id="leaderboards"'));
    expect(document.querySelector('.flags')?.textContent).toContain('8 of 200 images');
  });

  test('the same result gives the same text', async () => {
    expect(await tournamentHtml(tournamentResult(), { images: await pictures() })).toBe(text);
  });
});

test('names of strangers are text, never markup', async () => {
  const result = tournamentResult();
  const name = `<img src=x onerror=alert(1)>"'&`;
  const rename = (old: string): string => (old === 'pgd-40' ? name : old);
  result.name = name;
  for (const entry of result.attacks) entry.name = rename(entry.name);
  for (const cell of result.cells) cell.attack = rename(cell.attack);
  for (const boards of result.boards) {
    for (const row of boards.untargeted) row.name = rename(row.name);
    for (const row of boards.defenses) row.worst.opponent = rename(row.worst.opponent);
  }
  for (const example of result.examples) example.attack = rename(example.attack);
  result.flags.push({ code: 'X', message: name });
  const text = await tournamentHtml(result, { images: await pictures() });
  expect(text).not.toContain('<img src=x');
  expect(parse(text).querySelector('h1')?.textContent).toBe(name);
  expect(parse(text).querySelectorAll('[onerror]').length).toBe(0);
});

test('one threat model and one bound leave nothing to switch', async () => {
  const result = tournamentResult();
  const [epsilon] = result.epsilons as [number, number];
  result.epsilons = [epsilon];
  result.cells = result.cells.filter((c) => c.epsilon === epsilon).map((c) => ({ ...c, threat: 'transfer' }));
  const document = parse(await tournamentHtml(result, { images: await pictures() }));
  expect(document.querySelectorAll('input').length).toBe(0);
  expect(document.querySelectorAll('.board').length).toBe(1);
  expect(document.querySelector('.board')?.textContent).toContain('one threat model, transfer, L∞ ≤ 8/255');
});

test('images of two sizes are refused', async () => {
  const wide = { height: 4, width: 5, channels: 1, data: new Uint8Array(20) };
  await expect(magnify(grey(0), wide, 'image 7')).rejects.toMatchObject({
    code: 'IMAGE_SIZE',
    where: 'image 7',
    message: 'The clean image is 4×4 in grey, the adversarial one 5×4 in grey.',
  });
});

test('a change is magnified around grey and never cut off', async () => {
  const clean = { height: 1, width: 3, channels: 1, data: Uint8Array.from([100, 100, 100]) };
  const adversarial = { ...clean, data: Uint8Array.from([104, 92, 100]) };
  const { png, factor, largest } = await magnify(clean, adversarial, 'image 1');
  expect({ factor, largest }).toEqual({ factor: 15, largest: 8 });
  expect([...(await decodePng(png, 'the change')).data]).toEqual([188, 8, 128]);
});

describe('attack page', () => {
  let text: string;
  beforeAll(async () => {
    text = await attackHtml(attackResult(), attackImages());
  });

  test('is one file of modest size that fetches and runs nothing', () => {
    expectSelfContained(text);
    expect(text.length).toBeLessThan(120_000);
  });

  test('has twelve examples, won ones first, and a line per sample', () => {
    const document = parse(text);
    const heads = [...document.querySelectorAll('.example header p')].map((p) => p.textContent ?? '');
    expect(heads).toHaveLength(12);
    expect(heads.every((h) => h.endsWith('the attack won'))).toBe(true);
    expect(document.querySelectorAll('.tall tbody tr').length).toBe(40);
    expect(document.querySelector('.cards')?.textContent).toContain('22.5 % (12.3–37.5)');
  });

  test('an image per sample, or it is refused', async () => {
    const result = attackResult();
    await expect(attackHtml({ ...result, samples: result.samples.slice(1) }, attackImages())).rejects.toThrow(
      new RangeError('40 clean images for 39 samples'),
    );
  });
});

describe('drawings', () => {
  test('scores by rank', async () => {
    const rows = boardsAt(tournamentResult(), 'all')?.defenses ?? [];
    // With its namespace, so that viewers show the snapshot as a picture.
    const drawing = rankSvg(rows).replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ');
    await expect(drawing).toMatchFileSnapshot('snapshots/ranks.svg');
  });

  test('the histogram holds every sample once, wrong answers left of 0', () => {
    const { samples } = attackResult();
    const bars = [...parse(`<body>${marginSvg(samples)}</body>`).querySelectorAll('rect')];
    expect(bars.length).toBeGreaterThan(10);
    const fills = new Set(bars.map((b) => b.getAttribute('fill')));
    expect(fills).toEqual(new Set(['var(--warm)', 'var(--accent)']));
  });

  test('no margin at all still draws', () => {
    expect(marginSvg(attackResult().samples.map((s) => ({ ...s, margin: 0 })))).toContain('<svg');
  });

  test('every step of the heat scale is readable (WCAG AA)', () => {
    const contrasts = Array.from({ length: heatSteps + 1 }, (_, step) => heatColours(step).contrast);
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(4.5);
  });
});

test('only templates make markup', () => {
  expect(String(html`<p>${'<b>'}${['&', html`<i></i>`]}${false}${undefined}${0}</p>`)).toBe(
    '<p>&lt;b&gt;&amp;<i></i>0</p>',
  );
});
