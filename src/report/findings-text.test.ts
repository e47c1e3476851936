import { expect, test } from 'vitest';
import { findingsText } from './findings-text.ts';

const findings = [
  { name: 'node', state: 'ok', found: 'v24' },
  { name: 'runtime', state: 'warn', found: 'It is slow here.', remedy: 'Give it more threads.' },
  { name: 'disk', state: 'fail', found: 'full' },
];

test('states stand one under the other, names too, and what to do below what was found', () => {
  expect(findingsText(findings).split('\n')).toEqual([
    'ok    node     v24',
    'warn  runtime  It is slow here.',
    '               fix: Give it more threads.',
    'fail  disk     full',
  ]);
});

test('long lines go on under what was found', () => {
  expect(findingsText(findings.slice(1, 2), { width: 26 }).split('\n')).toEqual([
    'warn  runtime  It is slow',
    '               here.',
    '               fix: Give',
    '               it more',
    '               threads.',
  ]);
});

test('states have their colours, others stand out', () => {
  const coloured = findingsText([...findings, { name: 'x', state: 'odd', found: 'y' }], { colour: true });
  expect(coloured.split('\n').map((line) => /^.(\[\d+m\w+)/.exec(line)?.[1])).toEqual([
    '[32mok',
    '[33mwarn',
    undefined,
    '[31mfail',
    '[1modd',
  ]);
});
