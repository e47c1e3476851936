import { describe, expect, test } from 'vitest';
import { attackResult, randomResult } from '../../test/report/attack-result.ts';
import { askingResult, tournamentResult } from '../../test/report/tournament-result.ts';
import type { TournamentResult } from '../arena/index.ts';
import {
  attackTable,
  attackTables,
  type CatalogRow,
  catalogTable,
  catalogText,
  tournamentTables,
} from './index.ts';
import { widthOf } from './table.ts';

const escape = '\u001B';

describe('tournament tables', () => {
  test.for([80, 150])('%i columns', async (width) => {
    await expect(tournamentTables(tournamentResult(), { width })).toMatchFileSnapshot(
      `snapshots/tournament-${width}.txt`,
    );
  });

  test.for([50, 72, 100, 132])('no line is longer than %i columns', (width) => {
    expect(widthOf(tournamentTables(tournamentResult(), { width }))).toBeLessThanOrEqual(width);
  });

  test('names of wide signs keep within the width', () => {
    const wide = JSON.parse(
      JSON.stringify(tournamentResult()).replaceAll('mobilenet', '移动网络').replaceAll('fgsm', '梯度🙂法'),
    ) as TournamentResult;
    expect(tournamentTables(wide, { width: 80 })).toContain('移动网络_v2-median');
    expect(widthOf(tournamentTables(wide, { width: 80 }))).toBeLessThanOrEqual(80);
  });

  test('colours change nothing but the colours', () => {
    const coloured = tournamentTables(tournamentResult(), { width: 80, colour: true });
    expect(coloured).toContain(`${escape}[`);
    const plain = coloured.replaceAll(new RegExp(`${escape}\\[\\d+m`, 'g'), '');
    expect(plain.replaceAll(/ +$/gm, '')).toBe(tournamentTables(tournamentResult(), { width: 80 }));
  });

  test('one threat model is not printed three times', () => {
    const result = tournamentResult();
    result.cells = result.cells.map((c) => ({ ...c, threat: 'transfer' }));
    const text = tournamentTables(result);
    expect(text.match(/^Defenses, .*/gm)).toEqual([
      'Defenses, all transfer: share answered right, 95 % interval',
    ]);
  });

  test('attacks that ask the defense have boards of their own, and draws are told', () => {
    const text = tournamentTables(askingResult(), { width: 150 });
    expect(text).toContain('linf 8/255, 16/255, 3 draws, seed 2017');
    const heads = text.match(/^Untargeted attacks, .*(?=: share)/gm);
    expect(heads).toEqual(
      ['all threat models', 'transfer only', 'queries only', 'white box only'].map(
        (w) => `Untargeted attacks, ${w}`,
      ),
    );
    const board = text.slice(text.indexOf('Untargeted attacks, queries only')).split('\n\n')[0];
    expect(board?.split('\n').slice(3)).toEqual([expect.stringMatching(/^1 +bim +\d/)]);
    // One draw is nothing to tell.
    expect(tournamentTables(tournamentResult())).not.toContain('draw');
  });

  test('what was not measured is a dash, and nothing else goes missing', () => {
    const result = tournamentResult();
    result.cells = result.cells.filter((c) => c.attack !== 'bim');
    const row = tournamentTables(result, { width: 150 })
      .split('\n')
      .find((line) => /^bim +– +–/.test(line));
    expect(row?.match(/–/g)).toHaveLength(6);
  });
});

describe('catalogs', () => {
  const rows = [
    {
      name: 'pgd',
      title: 'Projected gradient descent',
      facts: { access: 'gradient', norms: ['linf', 'l2'] },
    },
    {
      name: 'square',
      title: 'Square attack',
      facts: { access: 'scores', norms: ['linf', 'l2', 'l1', 'l0'] },
    },
    { name: 'noop', title: 'No attack', facts: { access: 'none', norms: ['l0'] } },
  ];

  test('the narrower, the less', () => {
    const texts = [72, 58, 50, 38, 30].map((width) => ({
      width,
      text: catalogTable('attack', rows, { width }),
    }));
    expect(texts.filter(({ width, text }) => widthOf(text) > width)).toEqual([]);
    expect(texts.map(({ text }) => text).join('\n\n')).toMatchInlineSnapshot(`
      "attack  what it is                  access    norms
      ──────────────────────────────────────────────────────────────
      pgd     Projected gradient descent  gradient  linf, l2
      square  Square attack               scores    linf, l2, l1, l0
      noop    No attack                   none      l0

      attack  what it is                  access    norms
      ──────────────────────────────────────────────────────
      pgd     Projected gradient descent  gradient  linf, l2
      square  Square attack               scores    all
      noop    No attack                   none      l0

      attack  what it is                  access
      ────────────────────────────────────────────
      pgd     Projected gradient descent  gradient
      square  Square attack               scores
      noop    No attack                   none

      attack  what it is
      ──────────────────────────────────
      pgd     Projected gradient descent
      square  Square attack
      noop    No attack

      attack  what it is
      ──────────────────────────────
      pgd     Projected gradient de…
      square  Square attack
      noop    No attack"
    `);
  });

  test('one entry', () => {
    const schema = {};
    const page = {
      ...(rows[1] as CatalogRow),
      paper: 'Andriushchenko et al. 2020, arXiv:1912.00049, algorithms 1 to 3',
      options: [
        {
          name: 'queries',
          values: 'whole number from 1',
          required: false,
          default: 5000,
          description: 'questions per image, the starting point included',
          schema,
        },
        {
          name: 'loss',
          values: 'margin, cross-entropy',
          required: false,
          default: 'margin',
          description: '',
          schema,
        },
        { name: 'share', values: 'number', required: true, description: 'of the pixels', schema },
      ],
      example: 'advarena attack model.onnx --attack square',
    };
    expect(catalogText(page, { width: 50 })).toMatchInlineSnapshot(`
      "square
      Square attack

      paper   Andriushchenko et al. 2020,
              arXiv:1912.00049, algorithms 1 to 3
      access  scores
      norms   linf, l2, l1, l0

      queries
        whole number from 1; default 5000
        questions per image, the starting point included
      loss
        margin, cross-entropy; default margin
      share
        number; must be given
        of the pixels

      example
        advarena attack model.onnx --attack square"
    `);
  });

  test('none at all', () => {
    expect(catalogTable('attack', [])).toMatchInlineSnapshot(`
      "attack  what it is
      ──────────────────"
    `);
  });
});

describe('attack table', () => {
  test('80 columns', async () => {
    await expect(attackTable(attackResult(), { width: 80 })).toMatchFileSnapshot('snapshots/attack-80.txt');
  });

  test('targeted: of all images, those with the target', () => {
    const result = attackResult();
    const samples = result.samples.map((s) => ({ ...s, target: 4, success: s.adversarial === 4 }));
    const won = samples.filter((s) => s.success).length;
    expect(attackTable({ ...result, goal: 'targeted', samples })).toContain(
      `target reached   ${((won / 40) * 100).toFixed(1)} %, ${won} of 40`,
    );
  });

  test('a random model: means over the draws, and what holds in all and in some', () => {
    const text = attackTable(randomResult(), { width: 80 });
    // 76.25 % of 160 answers right when clean, 33.125 % when attacked; 69 of 122 were lost.
    for (const line of [
      'clean accuracy   76.3 % (61.1–86.8), 122 of 160 answers on 40 images',
      'robust accuracy  33.1 % (20.6–48.6), 53 of 160 answers on 40 images',
      'fooled           56.6 %, 69 of 122 right when clean',
      'over draws       robust in all 4 draws 10.0 % of the images, in some 75.0 %',
    ])
      expect(text.split('\n')).toContain(line);
    const { samples, draws } = randomResult();
    const won = samples.reduce((n, s) => n + (s.draws?.success ?? 0), 0);
    const right = samples.reduce((n, s) => n + (s.draws?.clean ?? 0), 0);
    expect([draws, won * draws, right * draws]).toEqual([4, 69, 122]);
  });

  test('abstentions, kinds of questions, the region and the curve', () => {
    const text = attackTable(randomResult(), { width: 120 });
    expect(text).toContain('untargeted, smallest l2 change within a square of 5 % of the area, 8-bit pixels');
    expect(text).toContain('abstained        on 3.8 % of the clean images, 21.3 % of the attacked ones');
    expect(text).toContain(
      '3.42 s, 400 gradients, 800 answers with scores, 120 decisions, 40 confirmations\n',
    );
    expect(text.slice(text.indexOf('within l2'))).toBe(
      [
        'within l2  robust accuracy',
        '──────────────────────────',
        '        0           87.5 %',
        '      0.5           51.2 %',
        '        2           12.5 %',
      ].join('\n'),
    );
    expect(attackTable({ ...randomResult(), region: 'mask' })).toContain('smallest l2 change within a mask,');
    // Of images without logits there is no margin to tell.
    const { samples } = attackResult();
    const decisions = samples.map((s) => ({ ...s, margin: Number.NaN }));
    expect(attackTable({ ...attackResult(), samples: decisions })).not.toMatch(/margin|NaN/);
  });

  test('margins that no column holds are told by their powers of ten', () => {
    const { samples } = attackResult();
    const huge = [1.8962308692188398e37, -999_999, 1e6].map((margin) => ({ ...samples[0], margin }));
    const table = attackTable({ ...attackResult(), samples: huge as typeof samples });
    expect(/^ *largest less second logit.*$/m.exec(table)?.[0].split(/ {2,}/)).toEqual([
      'largest less second logit',
      '-999999.00',
      '1.00e+6',
      '1.90e+37',
    ]);
  });

  test('nothing asked is said', () => {
    const asked = { decisions: 0, scores: 0, gradients: 0 };
    expect(attackTable({ ...attackResult(), asked, confirmations: 0 })).toContain('3.42 s, nothing asked\n');
  });

  test.for([50, 72, 100])('no line is longer than %i columns', (width) => {
    for (const result of [attackResult(), randomResult()])
      expect(widthOf(attackTable(result, { width }))).toBeLessThanOrEqual(width);
  });

  test('what it opened, looked through and might ask; figures over draws; what is not measured left out', () => {
    const result = attackResult();
    const table = attackTable({
      ...result,
      samples: result.samples.map((s) => ({
        ...s,
        margin: Number.NaN,
        draws: { clean: 1, adversarial: 0.25, success: 0.75 },
      })),
      draws: 4,
      cleanAccuracy: 1,
      robustAccuracy: 0.25,
      robustInAll: 0.1,
      robustInAny: 0.6,
      abstained: { clean: 0, adversarial: 0.05, robust: 0.5 },
      sources: ['wide', 'deep'],
      through: [
        { name: 'eot', options: { draws: 4 } },
        { name: 'bpda', options: {} },
      ],
      queries: { scores: 1000, gradients: 20 },
      region: { share: 1 / 30 },
      flags: [],
    });
    expect(table).toMatchInlineSnapshot(`
      "mi-fgsm against roadsigns-small
      untargeted, linf 8/255 within a square of 3.33 % of the area, 8-bit pixels, 4
      draws of the model
      steps 10, decay 1, start clean
      sources wide, deep
      through eot:draws=4, bpda
      at most 1,000 scores, 20 gradients per image

      clean accuracy   100.0 % (91.2–100.0), 160 of 160 answers on 40 images
      robust accuracy  25.0 % (14.2–40.2), 40 of 160 answers on 40 images
      fooled           75.0 %, 120 of 160 right when clean
      over draws       robust in all 4 draws 10.0 % of the images, in some 60.0 %
      abstained        on 0.0 % of the clean images, 5.0 % of the attacked ones;
                       robust 50.0 % if it may abstain when attacked
      cost             3.42 s, 400 gradients, 440 answers with scores, 40
                       confirmations

      per image              smallest  median  largest
      ────────────────────────────────────────────────
      change, linf in 1/255       7.0     8.0      8.0
      change, l2                1.200   1.400    1.600
      questions                    21      21       21"
    `);
  });

  test('kinds of limits', () => {
    const second = (change: object): string | undefined =>
      attackTable({ ...attackResult(), flags: [], ...change }).split('\n')[1];
    const limits: object[] = [
      { norm: 'l2', epsilon: null, curve: [] },
      { norm: 'l2', epsilon: null, curve: [], region: { share: 1 / 16 } },
      { epsilon: null, region: 'mask' },
      { region: 'mask' },
      { norm: 'l0', epsilon: 1 },
      { norm: 'l0-entries', epsilon: 60, goal: 'least-likely' },
    ];
    expect(limits.map(second)).toMatchInlineSnapshot(`
      [
        "untargeted, smallest l2 change, 8-bit pixels",
        "untargeted, smallest l2 change within a square of 6.25 % of the area, 8-bit",
        "untargeted, any pixels within a mask, 8-bit pixels",
        "untargeted, linf 8/255 within a mask, 8-bit pixels",
        "untargeted, at most 1 pixel, 8-bit pixels",
        "least-likely, at most 60 entries, 8-bit pixels",
      ]
    `);
  });

  test('a curve of many points is told by twelve of them, one of a single point not at all', () => {
    const curve = Array.from({ length: 40 }, (_, i) => ({ epsilon: i / 10, robustAccuracy: 1 - i / 39 }));
    const last = (text: string): string => text.split('\n\n').at(-1) ?? '';
    const whole = { ...attackResult(), norm: 'l2' as const, epsilon: null };
    expect(last(attackTable({ ...whole, curve }))).toMatchInlineSnapshot(`
      "within l2  robust accuracy
      ──────────────────────────
              0          100.0 %
            0.4           89.7 %
            0.7           82.1 %
            1.1           71.8 %
            1.4           64.1 %
            1.8           53.8 %
            2.1           46.2 %
            2.5           35.9 %
            2.8           28.2 %
            3.2           17.9 %
            3.5           10.3 %
            3.9            0.0 %"
    `);
    expect(attackTable({ ...whole, curve: curve.slice(0, 1) })).toBe(attackTable({ ...whole, curve: [] }));
  });

  test('no images at all', () => {
    expect(attackTable({ ...attackResult(), samples: [], flags: [] })).toContain(
      'fooled           –, 0 of 0',
    );
  });
});

describe('several radii', () => {
  const result = attackResult();
  const within = [2, 16].map((levels) => ({ ...result, epsilon: levels / 255 }));

  test('a line each, flags and clean accuracy once; what does not fit is left out', () => {
    expect(attackTables(within, { width: 110 })).toMatchInlineSnapshot(`
      "ZERO_GRADIENT  The gradient vanished on 3 of 40 images: masking is likely.

      mi-fgsm against roadsigns-small
      untargeted, 40 images, 8-bit pixels
      steps 10, decay 1, start clean

      clean accuracy  87.5 % (73.9–94.5), 35 of 40 images

      radius          robust accuracy  fooled  cost
      ─────────────────────────────────────────────────────────────────────────────────────────────────────────
      linf 2/255   22.5 % (12.3–37.5)  74.3 %  3.42 s, 400 gradients, 440 answers with scores, 40 confirmations
      linf 16/255  22.5 % (12.3–37.5)  74.3 %  3.42 s, 400 gradients, 440 answers with scores, 40 confirmations"
    `);
    const table = (width: number): string => attackTables(within, { width }).replace(/^[^]*(?=radius)/, '');
    expect(table(80)).toMatchInlineSnapshot(`
      "radius          robust accuracy  fooled  cost
      ──────────────────────────────────────────────────────────────
      linf 2/255   22.5 % (12.3–37.5)  74.3 %  3.42 s, 840 questions
      linf 16/255  22.5 % (12.3–37.5)  74.3 %  3.42 s, 840 questions"
    `);
    expect(table(60)).toMatchInlineSnapshot(`
      "radius          robust accuracy  fooled
      ───────────────────────────────────────
      linf 2/255   22.5 % (12.3–37.5)  74.3 %
      linf 16/255  22.5 % (12.3–37.5)  74.3 %"
    `);
  });

  test('of minimum norm what it cost is told once, and abstentions have a column', () => {
    const curve = [
      { epsilon: 0.5, robustAccuracy: 0.4 },
      { epsilon: 2, robustAccuracy: 0.1 },
    ];
    const far = curve.map((p) => ({
      ...result,
      flags: [],
      norm: 'l2' as const,
      ...p,
      curve,
      region: 'mask' as const,
      abstained: { clean: 0, adversarial: p.epsilon / 10, robust: 0.5 },
    }));
    expect(attackTables(far)).toMatchInlineSnapshot(`
      "mi-fgsm against roadsigns-small
      untargeted, 40 images changed within a mask, 8-bit pixels
      steps 10, decay 1, start clean

      clean accuracy  87.5 % (73.9–94.5), 35 of 40 images
      cost            3.42 s, 400 gradients, 440 answers with scores, 40 confirmations

      radius     robust accuracy  fooled  abstained
      ─────────────────────────────────────────────
      l2 0.5  40.0 % (26.3–55.4)  74.3 %      5.0 %
      l2 2     10.0 % (4.0–23.1)  74.3 %     20.0 %"
    `);
  });

  test('of one there is nothing to compare', () => {
    expect(attackTables([result], { width: 80 })).toBe(attackTable(result, { width: 80 }));
  });
});
