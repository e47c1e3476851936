import { parseHTML } from 'linkedom';
import { beforeAll, describe, expect, test } from 'vitest';
import { attackImages, attackResult, randomResult } from '../../test/report/attack-result.ts';
import { askingResult, tournamentResult } from '../../test/report/tournament-result.ts';
import { decodePng, encodePng } from '../data/index.ts';
import { curveSvg } from './html/curve.ts';
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

async function pictures(): Promise<(hash: string) => Promise<Uint8Array>> {
  const clean = await encodePng(grey(100));
  const adversarial = await encodePng(grey(108));
  return (hash) => Promise.resolve(hash.endsWith('-clean') ? clean : adversarial);
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

describe('tournament page with attacks that ask the defense', () => {
  let document: Page;
  beforeAll(async () => {
    document = parse(await tournamentHtml(askingResult(), { images: await pictures() }));
  });

  test('has boards and figures of their own', () => {
    const labels = [...document.querySelectorAll('.switch label')].map((l) => l.textContent);
    expect(labels.slice(0, 4)).toEqual(['all', 'transfer', 'queries', 'white box']);
    const queries = document.querySelector('[data-view="2-0"]');
    expect(queries?.textContent).toContain('Over queries pairs alone, all bounds.');
    expect([...(queries?.querySelectorAll('tbody th') ?? [])].map((th) => th.textContent)).toContain('bim');
    expect(document.body.textContent).toContain(
      'in 12 it could ask the defense for answers (queries), in the others its images had to transfer',
    );
    expect(document.querySelectorAll('table.heat td.queries').length).toBe(12);
  });

  test('says what each may open and ask for', () => {
    const table = document.querySelector('[aria-label="Attacks"] table');
    const cells = (name: string): (string | null)[] => {
      const row = [...(table?.querySelectorAll('tbody tr') ?? [])].find(
        (tr) => tr.querySelector('th')?.textContent === name,
      );
      return [...(row?.querySelectorAll('td') ?? [])].map((td) => td.textContent);
    };
    expect(cells('bim')).toEqual(['bim', '', 'untargeted', 'no model', 'scores']);
    expect(cells('pgd-40')).toEqual(['pgd', '', 'untargeted', 'no model', 'gradients']);
    expect(cells('mi-fgsm-targeted')).toEqual([
      'mi-fgsm',
      '',
      'targeted',
      'mobilenet_v2, squeezenet1_1',
      'nothing',
    ]);
  });

  test('tells draws, and classes by their names', () => {
    expect(document.querySelector('dl')?.textContent).toMatch(
      /Draws\s*3 of each random defense, and their mean/,
    );
    const [first, second] = [...document.querySelectorAll('.example')].map((e) => e.textContent ?? '');
    expect(first).toContain('true class coucal');
    expect(first).toContain('coucal ✓');
    expect(second).toContain('true class coucal, target space heater');
    expect(second).toContain('space heater ◎');
    // Labels without a name stay numbers; who gave no answer has none.
    expect(first).toContain('305 ✗');
    expect(first).toContain('none');
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
    remedy: 'Give the images of one run.',
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
    text = await attackHtml([{ result: attackResult(), images: attackImages() }]);
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

  test('names of classes stand beside their numbers, where a class has one', async () => {
    const classNames = { 0: 'stop', 1: 'a < b', 2: '2', 3: 'no entry' };
    const samples = attackResult().samples.map((s) => ({ ...s, target: 3 }));
    const named = parse(
      await attackHtml([{ result: { ...attackResult(), samples, classNames }, images: attackImages() }]),
    );
    const cells = [...named.querySelectorAll('.tall tbody tr')].map((row) =>
      [...row.querySelectorAll('td')].slice(0, 4).map((cell) => cell.textContent),
    );
    const text = ['0 stop', '1 a < b', '2', '3 no entry', '4'];
    expect(cells).toEqual(
      samples.map((s) => [s.label, s.target, s.clean, s.adversarial].map((c) => text[c])),
    );
    const card = named.querySelector('.example');
    const first = samples[0];
    expect(card?.querySelector('header p')?.textContent).toBe(
      `true class ${text[first?.label as number]}, target 3 no entry: the attack won`,
    );
    expect([...(card?.querySelectorAll('figcaption') ?? [])].map((c) => c.textContent).slice(0, 2)).toEqual([
      `answer ${text[first?.clean as number]} ✓`,
      expect.stringMatching(`^answer ${text[first?.adversarial as number]} [✗◎]$`),
    ]);
  });

  test('of a random detector: means over draws, abstentions, the curve and the region', async () => {
    const result = randomResult();
    const document = parse(await attackHtml([{ result, images: attackImages() }]));
    const lead = document.querySelector('.lead')?.textContent;
    expect(lead).toBe(
      '40 images, untargeted, smallest L2 change within a square of 5 % of the area, 8-bit pixels, 4 draws of the model.',
    );
    const cards = [...document.querySelectorAll('.card .figure')].map((c) => c.textContent);
    expect(cards).toEqual(['76.3 % (61.1–86.8)', '33.1 % (20.6–48.6)']);
    const facts = document.querySelector('dl')?.textContent ?? '';
    expect(facts).toContain('33.1 % (20.6–48.6), 53 of 160 answers on 40 images');
    expect(facts).toContain('robust in all 4 draws 10.0 % of the images, in some 75.0 %');
    expect(facts).toContain('on 3.8 % of the clean images, 21.3 % of the attacked ones');
    expect(facts).toContain('400 gradients, 800 answers with scores, 120 decisions, 40 confirmations');
    const curve = document.querySelector('[aria-label="Curve"]');
    expect([...(curve?.querySelectorAll('tbody tr') ?? [])].map((r) => r.textContent)).toEqual([
      '087.5 %',
      '0.551.2 %',
      '212.5 %',
    ]);
    const rows = [...document.querySelectorAll('.tall tbody tr')].map((r) =>
      [...r.querySelectorAll('td')].map((c) => c.textContent),
    );
    // Declined when attacked: no answer, no margin; its questions of all kinds.
    expect(rows[1]).toEqual(['1', '1', 'abstains', 'won', '–', '8.0', '1.525', '33']);
    expect(document.querySelector('.tall caption')?.textContent).toContain(
      'Answers and margins are those of the first of 4 draws.',
    );
    expect(document.querySelector('.examples')?.textContent).toContain('abstains');
    const answered = result.samples.filter((s) => s.adversarial >= 0);
    const right = answered.filter((s) => s.adversarial === s.label).length;
    expect([answered.length, right]).toEqual([32, 7]);
    expect(document.querySelector('[role="img"][aria-label^="Histogram"]')?.getAttribute('aria-label')).toBe(
      'Histogram of 32 margins: 7 answers right, 25 wrong, 8 images without an answer or a finite margin.',
    );
    expect(document.body.textContent).not.toMatch(/NaN|-1/);
  });

  test('of a sticker: no bound, and nothing smallest', async () => {
    const result = { ...attackResult(), epsilon: null, region: 'mask' as const };
    const lead = parse(await attackHtml([{ result, images: attackImages() }])).querySelector(
      '.lead',
    )?.textContent;
    expect(lead).toBe('40 images, untargeted, any pixels within a mask, 8-bit pixels.');
  });

  test('who abstains has no class', async () => {
    const samples = attackResult().samples.map((s) => ({ ...s, clean: -1, margin: Number.NaN }));
    const document = parse(
      await attackHtml([
        { result: { ...attackResult(), samples, classNames: { 0: 'stop' } }, images: attackImages() },
      ]),
    );
    const cells = [...(document.querySelector('.tall tbody tr')?.querySelectorAll('td') ?? [])];
    expect(cells.slice(0, 5).map((c) => c.textContent)).toEqual(['0 stop', 'abstains', '1', 'won', '–']);
    expect(document.querySelector('.example figcaption')?.textContent).toBe('abstains');
  });

  test('an image that was left alone shows no change', async () => {
    const { clean } = attackImages();
    const document = parse(
      await attackHtml([{ result: attackResult(), images: { clean, adversarial: clean } }]),
    );
    const captions = [...(document.querySelector('.example')?.querySelectorAll('figcaption') ?? [])];
    expect(captions.at(-1)?.textContent).toBe('no change');
  });

  test('of minimum norm it draws the curve', async () => {
    const curve = [0, 0.5, 2].map((epsilon) => ({ epsilon, robustAccuracy: 1 - epsilon / 2 }));
    const result = { ...attackResult(), norm: 'l2' as const, epsilon: null, curve };
    const document = parse(await attackHtml([{ result, images: attackImages() }]));
    expect(document.querySelector('.lead')?.textContent).toBe(
      '40 images, untargeted, smallest L2 change, 8-bit pixels.',
    );
    expect([...document.querySelectorAll('h2')].map((h) => h.textContent)[0]).toBe('How far it had to go');
    expect(document.querySelector('[aria-label="Curve"] caption')?.textContent).toBe('3 radii');
    expect(document.querySelector('[aria-label="Curve"] tbody')?.textContent).toBe('0100.0 %0.575.0 %20.0 %');
    expect(document.querySelector('[aria-label^="Curve of 3 radii"] svg path')).not.toBeNull();
  });

  test('of several radii there is a table, then a part for each', async () => {
    const parts = [2, 8].map((levels) => ({
      result: { ...attackResult(), epsilon: levels / 255, curve: [] },
      images: attackImages(),
    }));
    const document = parse(await attackHtml(parts));
    expect([...document.querySelectorAll('h2')].map((h) => h.textContent)).toEqual([
      'L∞ ≤ 2/255',
      'L∞ ≤ 8/255',
    ]);
    const table = document.querySelector('[aria-label="Radii"]');
    expect([...(table?.querySelectorAll('tr') ?? [])].map((r) => r.textContent)).toEqual([
      'RadiusClean accuracyRobust accuracyFooled',
      'L∞ ≤ 2/25587.5 %22.5 % (12.3–37.5)74.3 %',
      'L∞ ≤ 8/25587.5 %22.5 % (12.3–37.5)74.3 %',
    ]);
    expect(document.querySelectorAll('.example').length).toBe(24);
  });

  test('an image per sample, or it is refused', async () => {
    const result = attackResult();
    await expect(
      attackHtml([{ result: { ...result, samples: result.samples.slice(1) }, images: attackImages() }]),
    ).rejects.toThrow(new RangeError('40 clean images for 39 samples'));
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

  test('the curve is flat between radii and falls at them', () => {
    const curve = [0, 1, 2].map((epsilon) => ({ epsilon, robustAccuracy: 1 - epsilon / 2 }));
    const drawn = parse(`<body>${curveSvg(curve, 'l2')}</body>`).querySelector('g[aria-label="line"] path');
    const path = drawn?.getAttribute('d') ?? '';
    const points = [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [x, y]);
    const moves = points
      .slice(1)
      .map(([x, y], i) => `${x === points[i]?.[0] ? '' : 'on'}${y === points[i]?.[1] ? '' : 'down'}`);
    expect(moves).toEqual(['on', 'down', 'on', 'down']);
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
