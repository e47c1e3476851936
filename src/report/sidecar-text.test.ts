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
    "preprocessing       channels  mean                    std            offset     right  accuracy
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    mean and std        RGB       0.4815, 0.4578, 0.4082  0.003922            1  30 of 40    75.0 %  taken
    other mean and std  RGB       0.5                     0.2, 0.3, 0.4       1  29 of 40    72.5 %  possible
    mean and std        BGR       0.4815, 0.4578, 0.4082  0.003922            1   2 of 40     5.0 %

    preprocessing       channels  mean                    std            offset     right
    ───────────────────────────────────────────────────────────────────────────────────────────────
    mean and std        RGB       0.4815, 0.4578, 0.4082  0.003922            1  30 of 40  taken
    other mean and std  RGB       0.5                     0.2, 0.3, 0.4       1  29 of 40  possible
    mean and std        BGR       0.4815, 0.4578, 0.4082  0.003922            1   2 of 40

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
