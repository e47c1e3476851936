import { expect, test } from 'vitest';
import { attackResult } from '../../test/report/attack-result.ts';
import { tournamentResult } from '../../test/report/tournament-result.ts';
import { inspect } from '../autodiff/index.ts';
import { GraphBuilder } from '../onnx/index.ts';
import {
  attackTable,
  attackTables,
  catalogTable,
  catalogText,
  findingsText,
  inspectionText,
  sidecarText,
  tournamentTables,
  zooTable,
  zooText,
} from './index.ts';

/** Two words that take so many columns of a terminal together. */
const words = (columns: number): string => `${'a'.repeat(30)} ${'b'.repeat(columns - 31)}`;
const flagged = (columns: number) => [{ code: 'C', message: words(columns - 'C  '.length) }];

const b = new GraphBuilder();
b.output(b.op('Relu', [b.input('x', 'float32', [1, 4])]), 'y');
const graph = inspect(b.finish());
const row = { name: 'n', title: 't', facts: {} };
const page = { ...row, paper: 'p', options: [], example: 'e' };
const sidecar = { model: 'm', file: undefined, entries: [], missing: [] };
const network = { name: 'n', title: 't', bytes: 1, measured: undefined };
const measured = (claim: string) => ({
  version: '1',
  model: 'm',
  images: { part: 'dev' as const, seed: 1, count: 1 },
  figures: [{ name: 'clean', right: 1, count: 1 }],
  checks: [{ claim, found: 'x', held: true }],
});

/** Of what takes so many columns, and of what room is left beside it. */
const texts: readonly (readonly [string, (columns: number, width?: { width: number }) => string])[] = [
  [
    'tournamentTables',
    // What goes on is indented by two.
    (n, width) => tournamentTables({ ...tournamentResult(), flags: flagged(n - 2) }, width),
  ],
  ['attackTable', (n, width) => attackTable({ ...attackResult(), flags: flagged(n - 2) }, width)],
  [
    'attackTables',
    (n, width) =>
      attackTables(
        [1, 2].map(() => ({ ...attackResult(), flags: flagged(n - 2) })),
        width,
      ),
  ],
  [
    'inspectionText',
    (n, width) =>
      inspectionText('m', { ...graph, flags: flagged(n - 2) as unknown as typeof graph.flags }, width),
  ],
  ['catalogText', (n, width) => catalogText({ ...page, title: words(n) }, width)],
  ['catalogTable', (n, width) => catalogTable('k', [{ ...row, title: words(n - 'k  '.length) }], width)],
  ['sidecarText', (n, width) => sidecarText({ ...sidecar, notes: [words(n - 2)] }, width)],
  ['findingsText', (n, width) => findingsText([{ name: 'n', state: 'ok', found: words(n - 9) }], width)],
  // Figures and their heads take 37.
  ['zooTable', (n, width) => zooTable([{ ...network, name: words(n - 37) }], width)],
  [
    'zooText',
    (n, width) =>
      zooText(
        { ...network, measured: measured(words(n - 'holds   x'.length)), recipe: '', seconds: 1 },
        width,
      ),
  ],
];

test.for(texts)('%s fills 80 columns, no more, where nothing is said of the width', ([, text]) => {
  // What takes 80 does not fit 79, and what takes 81 would fit 81.
  expect(text(80)).toBe(text(80, { width: 80 }));
  expect(text(80)).not.toBe(text(80, { width: 79 }));
  expect(text(81)).not.toBe(text(81, { width: 81 }));
});
