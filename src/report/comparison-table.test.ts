import { expect, test } from 'vitest';
import { attackResult, randomResult } from '../../test/report/attack-result.ts';
import type { AttackResult } from '../judge/index.ts';
import { comparisonTable } from './comparison-table.ts';

const made = (attack: string, more: Partial<AttackResult> = {}): AttackResult => ({
  ...attackResult(),
  attack,
  ...more,
});
const paragraphs = (results: readonly AttackResult[], left: Parameters<typeof comparisonTable>[1] = []) =>
  comparisonTable(results, left, { width: 100 }).split('\n\n');
const rows = (table: string | undefined): string[][] =>
  (table ?? '').split('\n').map((line) => line.trim().split(/ {2,}/));
const asked = (gradients: number) => ({ gradients, scores: 5, decisions: 2 });

test('the strongest stands first, of equal ones the cheapest; a flag that both raise stands once', () => {
  const results = [
    made('dear', { asked: asked(40) }),
    made('weak', { robustAccuracy: 0.5, asked: asked(1) }),
    made('cheap', { asked: asked(30) }),
  ];
  const [flags, head, table, together] = paragraphs(results);
  expect(flags?.match(/ZERO_GRADIENT/g)).toHaveLength(1);
  expect(head).toContain('3 attacks against roadsigns-small\n40 images within linf 8/255, 87.5 %');
  expect(table).toMatch(/^attack +robust accuracy +fooled +median distance +gradients +questions +time\n/);
  expect(
    rows(table)
      .slice(-3)
      .map(([name, , , distance, ...costs]) => [name, distance, ...costs.slice(0, 2)]),
  ).toEqual([
    ['cheap', '8.0/255', '30', '7'],
    ['dear', '8.0/255', '40', '7'],
    ['weak', '8.0/255', '1', '7'],
  ]);
  expect(together).toContain('All of them together within linf 8/255 leave');
});

test('together they leave what is right under every one', () => {
  const { samples } = attackResult();
  const fooling = (from: number, to: number) =>
    samples.map((s, i) => ({
      ...s,
      adversarial: i >= from && i < to ? s.label + 1 : s.label,
      clean: s.label,
    }));
  const results = [made('first', { samples: fooling(0, 10) }), made('second', { samples: fooling(5, 20) })];
  expect(paragraphs(results).at(-1)).toMatch(/leave 50\.0 % \(.*\) right\.$/);
  // At two radii apart there is nothing that they do together; of a random model, which draws, nothing can be said.
  expect(paragraphs([made('first'), made('second', { epsilon: 4 / 255 })]).join('\n')).not.toContain(
    'together',
  );
  const random = randomResult();
  expect(paragraphs([random, { ...random, attack: 'other' }]).join('\n')).not.toContain('together');
});

test('radii have a column where there are several, and none of them stands in the head', () => {
  const results = [made('first'), made('first', { epsilon: 4 / 255 }), made('second', { epsilon: null })];
  const [, head, table] = paragraphs(results);
  expect(head).toContain('2 attacks against');
  expect(head).not.toContain('within');
  expect(table).toMatch(/^attack +radius +robust/);
  expect(
    rows(table)
      .slice(-3)
      .map(([, radius]) => radius),
  ).toEqual(['linf 8/255', 'linf 4/255', 'any']);
});

test('a distance in l2 has its norm, and one that fooled nobody has none', () => {
  const { samples } = attackResult();
  const none = samples.map((s) => ({ ...s, success: false }));
  const [, , table] = paragraphs([
    made('far', { norm: 'l2', samples: samples.map((s) => ({ ...s, distance: 1.23456 })) }),
    made('none', { norm: 'l2', samples: none, robustAccuracy: 0.9 }),
  ]);
  expect(
    rows(table)
      .slice(-2)
      .map((row) => row[3]),
  ).toEqual(['1.235 l2', '–']);
});

test('those that did not run stand together where the reason is one', () => {
  const why = (attack: string, reason: string) => ({ attack, code: 'X', reason });
  expect(
    paragraphs(
      [made('first')],
      [
        why('a', 'The attack a does not work in l2.'),
        why('b', 'The attack b has no targeted form.'),
        why('c', 'The attack c does not work in l2.'),
      ],
    ).at(-1),
  ).toBe('left out: a, c. Each does not work in l2.\nleft out: b: The attack b has no targeted form.');
});
