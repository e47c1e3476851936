import { describe, expect, test } from 'vitest';
import { attackResult, randomResult } from '../../test/report/attack-result.ts';
import type { AttackResult } from '../judge/index.ts';
import { attackHead, attackTable, figureLines } from './attack-table.ts';
import { attackTables } from './attack-tables.ts';
import { painter } from './table.ts';

const place = { paint: painter(false), width: 80 };
const paragraphs = (text: string): string[] => text.split('\n\n');
const columns = (line: string): string[] => line.trim().split(/ {2,}/);
const rows = (table: string | undefined): string[][] => (table ?? '').split('\n').map(columns);
const quiet = (more: Partial<AttackResult> = {}): AttackResult => ({ ...attackResult(), flags: [], ...more });
const curve = [
  { epsilon: 0.5, robustAccuracy: 0.75 },
  { epsilon: 2, robustAccuracy: 0.25 },
];

describe('the head', () => {
  test('has a line for the task, the options and each thing that the attack had', () => {
    const result = quiet({ sources: ['other'], stopEarly: true });
    expect(attackHead(result, 'linf 8/255', place).split('\n')).toEqual([
      'mi-fgsm against roadsigns-small',
      'untargeted, linf 8/255, 8-bit pixels',
      'steps 10, decay 1, start clean',
      'source other',
      'stopped where the model was fooled',
    ]);
  });

  test('has none for options where there are none', () => {
    expect(attackHead(quiet({ options: {} }), 'linf 8/255', place).split('\n')).toHaveLength(2);
  });
});

test('figures begin in one column, and go on in it', () => {
  const figures = [
    { name: 'cost', text: 'one two three' },
    { name: 'robust accuracy', text: 'four' },
  ];
  expect(figureLines(figures, place).split('\n')).toEqual([
    'cost             one two three',
    'robust accuracy  four',
  ]);
  expect(figureLines(figures, { ...place, width: 24 }).split('\n')).toEqual([
    'cost             one two',
    '                 three',
    'robust accuracy  four',
  ]);
});

test('robust accuracy alone stands out', () => {
  const bold = figureLines(
    ['clean accuracy', 'robust accuracy'].map((name) => ({ name, text: 'x' })),
    { ...place, paint: (tone, text) => `${tone}(${text})` },
  );
  expect(bold.split('\n')).toEqual(['clean accuracy   x', 'bold(robust accuracy  x)']);
});

describe('one attack', () => {
  test('is told by flags, head, figures, how images lie and the curve, as far as there are any', () => {
    const heads = (result: AttackResult): string[] =>
      paragraphs(attackTable(result)).map((p) => columns(p.split('\n')[0] ?? '')[0] ?? '');
    const whole = { norm: 'l2' as const, epsilon: null, curve };
    expect(heads({ ...attackResult(), ...whole })).toEqual([
      'ZERO_GRADIENT',
      'mi-fgsm against roadsigns-small',
      'clean accuracy',
      'per image',
      'within l2',
    ]);
    expect(heads(quiet())).toEqual(['mi-fgsm against roadsigns-small', 'clean accuracy', 'per image']);
    expect(heads(quiet({ samples: [] }))).toEqual(['mi-fgsm against roadsigns-small', 'clean accuracy']);
  });

  test('has its figures to the right, under their heads', () => {
    const [, , spread = '', within = ''] = paragraphs(
      attackTable(quiet({ norm: 'l2', epsilon: null, curve })),
    );
    for (const table of [spread, within]) {
      const lines = table.split('\n').filter((_, i) => i !== 1);
      expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    }
    expect(rows(spread)[0]).toEqual(['per image', 'smallest', 'median', 'largest']);
    expect(rows(within).filter((_, i) => i !== 1)).toEqual([
      ['within l2', 'robust accuracy'],
      ['0.5', '75.0 %'],
      ['2', '25.0 %'],
    ]);
  });
});

describe('an attack within several radii', () => {
  const within = (...more: Partial<AttackResult>[]): AttackResult[] =>
    more.map((m, i) => quiet({ epsilon: (i + 1) / 255, ...m }));
  const table = (results: AttackResult[], width = 120): string[][] => {
    const [head = [], , ...body] = rows(paragraphs(attackTables(results, { width })).at(-1));
    return [head, ...body];
  };

  test('has a line for each, in the order given', () => {
    const results = within({ robustAccuracy: 0.5 }, { robustAccuracy: 0.25, seconds: 7 });
    expect(table(results).map((row) => row.slice(0, 3))).toEqual([
      ['radius', 'robust accuracy', 'fooled'],
      ['linf 1/255', '50.0 % (35.2–64.8)', '74.3 %'],
      ['linf 2/255', '25.0 % (14.2–40.2)', '74.3 %'],
    ]);
    expect(table(results).map((row) => row[3])).toEqual([
      'cost',
      '3.42 s, 400 gradients, 440 answers with scores, 40 confirmations',
      '7.00 s, 400 gradients, 440 answers with scores, 40 confirmations',
    ]);
    expect(table(results, 70)[1]?.[3]).toBe('3.42 s, 840 questions');
    const one = { asked: { decisions: 1, scores: 0, gradients: 0 } };
    expect(table(within(one, {}), 70)[1]?.[3]).toBe('3.42 s, 1 question');
    expect(table(results, 50)[0]).toEqual(['radius', 'robust accuracy', 'fooled']);
  });

  test('tells its flags once, however many radii raise them', () => {
    const flag = { code: 'one', message: 'First.' };
    const results = within({ flags: [flag] }, { flags: [flag, { code: 'one', message: 'Second.' }] });
    expect(paragraphs(attackTables(results))[0]).toBe('one  First.\none  Second.');
    expect(paragraphs(attackTables(within({}, {})))[0]).toMatch(/^mi-fgsm against/);
  });

  test('of one run tells its cost once, of several in each line', () => {
    const shared = (results: AttackResult[]): string[] =>
      (paragraphs(attackTables(results))[1] ?? '').split('\n').map((line) => columns(line)[0] ?? '');
    expect(shared(within({}, {}))).toEqual(['clean accuracy']);
    const once = within({ curve }, { curve });
    expect(shared(once)).toEqual(['clean accuracy', 'cost']);
    expect(table(once)[0]).toEqual(['radius', 'robust accuracy', 'fooled']);
  });

  test('has abstentions where one of them has, 0 for the others', () => {
    const abstained = { clean: 0.5, adversarial: 0.125, robust: 0.5 };
    expect(table(within({}, { abstained })).map((row) => row[3])).toEqual(['abstained', '0.0 %', '12.5 %']);
    expect(table(within({}, {}))[0]).not.toContain('abstained');
  });

  test('tells the region in its head', () => {
    const head = (...more: Partial<AttackResult>[]): string | undefined =>
      attackTables(within(...more)).split('\n')[1];
    expect(head({ region: 'mask' }, { region: 'mask' })).toBe(
      'untargeted, 40 images changed within a mask, 8-bit pixels',
    );
    expect(head({}, {})).toBe('untargeted, 40 images, 8-bit pixels');
  });

  test('of one radius is told as one attack', () => {
    expect(attackTables([randomResult()])).toBe(attackTable(randomResult()));
  });
});
