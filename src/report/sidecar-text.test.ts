import { expect, test } from 'vitest';
import type { Trial } from '../models/index.ts';
import { sidecarText } from './sidecar-text.ts';

const trial = (title: string, channels: 'RGB' | 'BGR', right: number, more: Partial<Trial> = {}): Trial => ({
  title,
  channels,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [1 / 255, 1 / 255, 1 / 255],
  offset: 1,
  right,
  ...more,
});

/** Three trials, of which the first two may be right, with what was drafted. */
function page({ best, written = 0 }: { best: boolean; written?: number }) {
  const trials = [
    trial('mean and std', 'RGB', 30),
    trial('other mean and std', 'RGB', 29, { mean: [0.5, 0.5, 0.5], std: [0.2, 0.3, 0.4] }),
    trial('mean and std', 'BGR', 2),
  ];
  const { channels, mean, std } = trials[written] as Trial;
  const entries = Object.entries({
    'input.channels': channels,
    'preprocessing.mean': mean,
    'preprocessing.std': std,
  }).map(([entry, value]) => ({ entry, value, from: 'images' }));
  const near = trials.slice(0, 2);
  const [first] = trials;
  return {
    model: 'm.onnx',
    file: undefined,
    entries: [
      ...entries,
      { entry: 'source', value: { by: 'somebody', at: 'a place of a long name' }, from: 'x' },
    ],
    missing: [],
    notes: [],
    trials: { images: 40, guess: 0.1, trials, near, ...(best && first && { best: first }) },
  };
}

const table = (text: string): string => text.split('\n\n')[2] ?? '';

test('trials with their numbers, as wide as there is room', () => {
  expect(
    [130, 100, 80].map((width) => table(sidecarText(page({ best: true }), { width }))).join('\n\n'),
  ).toMatchInlineSnapshot(`
    "preprocessing       order  mean                    std            offset     right  accuracy
    ──────────────────────────────────────────────────────────────────────────────────────────────────────
    mean and std        RGB    0.4815, 0.4578, 0.4082  0.003922            1  30 of 40    75.0 %  taken
    other mean and std  RGB    0.5                     0.2, 0.3, 0.4       1  29 of 40    72.5 %  possible
    mean and std        BGR    0.4815, 0.4578, 0.4082  0.003922            1   2 of 40     5.0 %

    preprocessing       order  mean                    std            offset     right
    ────────────────────────────────────────────────────────────────────────────────────────────
    mean and std        RGB    0.4815, 0.4578, 0.4082  0.003922            1  30 of 40  taken
    other mean and std  RGB    0.5                     0.2, 0.3, 0.4       1  29 of 40  possible
    mean and std        BGR    0.4815, 0.4578, 0.4082  0.003922            1   2 of 40

    preproces…  order  mean                  std          offset     right
    ────────────────────────────────────────────────────────────────────────────────
    mean and …  RGB    0.4815,0.4578,0.4082  0.003922          1  30 of 40  taken
    other mea…  RGB    0.5                   0.2,0.3,0.4       1  29 of 40  possible
    mean and …  BGR    0.4815,0.4578,0.4082  0.003922          1   2 of 40"
  `);
  for (const line of table(sidecarText(page({ best: true }), { width: 80 })).split('\n'))
    expect(line.length).toBeLessThanOrEqual(80);
});

test('the one that is written is marked, and none where none is chosen', () => {
  const marks = (of: Parameters<typeof page>[0]): string[] =>
    table(sidecarText(page(of), { width: 130 }))
      .split('\n')
      .slice(2)
      .map((line) => /(?:clearly best|possible|taken)?$/.exec(line)?.[0] ?? '');
  expect(marks({ best: true })).toEqual(['taken', 'possible', '']);
  expect(marks({ best: true, written: 1 })).toEqual(['possible', 'taken', '']);
  expect(marks({ best: true, written: 2 })).toEqual(['possible', 'possible', '']);
  expect(marks({ best: false })).toEqual(['possible', 'possible', '']);
});

test('what people keep of their own is cut', () => {
  expect(sidecarText(page({ best: false }), { width: 130 })).toContain(
    'source              {"by":"somebody","at":"a place of a lon…  x',
  );
});

const plain = { model: 'm.onnx', file: undefined, entries: [], missing: [], notes: [] };
const valueOf = (value: unknown): string | undefined =>
  sidecarText({ ...plain, entries: [{ entry: 'e', value, from: 'x' }] }, { width: 200 })
    .split('\n')[4]
    ?.split(/ {2,}/)[1];

test('values: few as they are, many by their number and the first two', () => {
  expect(valueOf(['a', 'b', 'c'])).toBe('a, b, c');
  expect(valueOf(['a', 'b', 'c', 'd'])).toBe('4: a, b, …');
  expect(valueOf(Array.from({ length: 1000 }, (_, i) => `c${i}`))).toBe('1,000: c0, c1, …');
  expect(valueOf([1 / 3, 2, 0.25, 4, 5])).toBe('0.3333, 2, 0.25, 4, 5');
  expect(valueOf([{ a: 1 }, 'b'])).toBe('[{"a":1},"b"]');
  expect([valueOf(224), valueOf(false), valueOf('RGB'), valueOf(null)]).toEqual([
    '224',
    'false',
    'RGB',
    'null',
  ]);
});

test('values of several parts are cut to 40 signs', () => {
  // Six signs stand around the text.
  const text = (length: number): string | undefined => valueOf({ a: 'x'.repeat(length) });
  expect(text(32)).toBe(`{"a":"${'x'.repeat(32)}"}`);
  expect(text(33)).toBe(`{"a":"${'x'.repeat(33)}…`);
});

test('where it went, where each entry is from, and what is to be done', () => {
  const text = sidecarText(
    {
      ...plain,
      file: 'm.json',
      entries: [
        { entry: 'a', value: 1, from: 'graph' },
        { entry: 'b', value: 2, from: 'images', note: 'a guess' },
      ],
      notes: ['A note.'],
      missing: [{ entry: 'c', what: 'nobody knows' }],
    },
    { width: 80 },
  ).split('\n\n');
  expect(text[0]).toBe('The sidecar of m.onnx, written to m.json');
  expect(text[1]?.split('\n').map((line) => line.split(/ {2,}/).at(-1))).toEqual([
    'from',
    expect.stringMatching(/^─+$/),
    'graph',
    'images: a guess',
  ]);
  expect(text.slice(2)).toEqual(['A note.', 'To be filled in by hand:\n  c: nobody knows']);
  expect(sidecarText(plain)).toMatch(/^The sidecar of m\.onnx\n\n[^\n]*\n[^\n]*$/);
});

test('offsets, channels and states have columns only where they tell anything', () => {
  const [trial] = page({ best: true }).trials.trials as [Trial];
  const grey = { ...trial, channels: 'GRAY' as const, offset: 0 };
  const heads = (trials: Trial[], near: Trial[]): string | undefined =>
    sidecarText({ ...plain, trials: { images: 40, guess: 0.1, trials, near } }, { width: 130 })
      .split('\n\n')[2]
      ?.split('\n')[0]
      ?.replaceAll(/ {2,}/g, ' ');
  expect(heads([grey], [])).toBe('preprocessing mean std right accuracy');
  expect(heads([{ ...grey, offset: 1 }], [])).toBe('preprocessing mean std offset right accuracy');
  expect(heads([{ ...trial, offset: 0 }], [])).toBe('preprocessing order mean std right accuracy');
});

test('one preprocessing alone is clearly best; of each the first trial stands', () => {
  const given = page({ best: true });
  const [first, , last] = given.trials.trials as [Trial, Trial, Trial];
  const again = { ...first, offset: 0, right: 3 };
  const trials = { ...given.trials, trials: [first, again, last], near: [first], best: first };
  const lines = table(sidecarText({ ...given, trials }, { width: 130 })).split('\n');
  expect(lines.slice(2).map((line) => line.split(/ {2,}/).slice(-3))).toEqual([
    ['30 of 40', '75.0 %', 'clearly best'],
    ['1', '2 of 40', '5.0 %'],
  ]);
  const narrow = table(sidecarText({ ...given, trials }, { width: 80 })).split('\n');
  expect(narrow[2]).toMatch(/30 of 40 {2}best$/);
});

test('what must be known of an entry is not cut off', () => {
  const entries = [
    {
      entry: 'input.height',
      value: 8,
      from: 'images',
      note: 'the graph takes rows of 64 numbers and leaves all open',
    },
    { entry: 'output.name', value: 'y', from: 'graph' },
  ];
  const of = (width: number): string =>
    sidecarText({ model: 'm.onnx', file: undefined, entries, missing: [], notes: [] }, { width });
  expect(of(100)).toContain('8      images: the graph takes rows of 64 numbers and leaves all open');
  expect(of(60).split('\n').slice(2)).toEqual([
    'entry         value  from',
    '───────────────────────────',
    'input.height  8      images',
    'output.name   y      graph',
    '',
    'input.height: the graph takes rows of 64 numbers and',
    '  leaves all open.',
  ]);
});
