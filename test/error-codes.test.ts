import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { errorPlaces, isCode, type Node, walk } from './error-places.ts';
import { filesUnder, readText } from './sources.ts';

/** Errors of the sources and what tests expect of them, by their texts: a message that no test sees nobody has read. */

const places = errorPlaces();
const codes = new Set(places.flatMap((place) => place.codes));
const own = ['test/error-codes.test.ts', 'test/error-places.ts'];

/** All texts of the tests: strings, templates, patterns and snapshots; and the codes that they expect of errors. */
function expectations(): { texts: string; expected: Set<string> } {
  const texts: string[] = [];
  const expected = new Set<string>();
  for (const file of [...filesUnder('src'), ...filesUnder('test')]) {
    if (own.includes(file)) continue;
    if (file.includes('snapshots/')) texts.push(readText(file));
    if (!file.endsWith('.test.ts') && !(file.startsWith('test/') && file.endsWith('.ts'))) continue;
    const skipped = new Set<Node>();
    walk(parseSync(file, readText(file)).program as unknown as Node, (node, parent) => {
      // Errors that a test makes itself are thrown by no source.
      const made = node.type === 'NewExpression' && (node['callee'] as Node)['name'] === 'AdvarenaError';
      if (made) skipped.add((node['arguments'] as Node[])[0] as Node);
      if (skipped.has(node)) return;
      const { value, regex } = node as { value?: unknown; regex?: { pattern: string } };
      if (regex !== undefined) texts.push(regex.pattern.replaceAll('\\', ''));
      else if (node.type === 'Literal' && typeof value === 'string') texts.push(value);
      else if (node.type === 'TemplateElement') texts.push((value as { cooked: string }).cooked);
      const key = parent?.type === 'Property' ? (parent['key'] as Node)['name'] : undefined;
      if (key === 'code' && typeof value === 'string' && isCode(value)) expected.add(value);
    });
  }
  const all = texts.join('\0');
  // As the command line tells them, and as `told` does.
  for (const [, code = ''] of all.matchAll(/^ *error ([A-Z_]+) {2}/gm)) expected.add(code);
  for (const [, code = ''] of all.matchAll(/^ *[^:\n]+: ([A-Z]+_[A-Z_]+) /gm)) expected.add(code);
  return { texts: all, expected };
}

const { texts, expected } = expectations();

/** Codes of flags and of the system, which are none of ours, and those that tests make up. */
function others(): string[] {
  const flags = filesUnder('src')
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readText(file).matchAll(/'([A-Z][A-Z0-9_]+)'/g)].map(([, code = '']) => code));
  return [...flags, 'EIO', 'MISSING_ANSWERS'];
}

test('every code is expected by a test', () => {
  expect(codes.size).toBeGreaterThan(100);
  expect([...codes].filter((code) => !new RegExp(`\\b${code}\\b`).test(texts))).toEqual([]);
});

test('no test expects a code that no source has', () => {
  const known = new Set([...codes, ...others()]);
  expect(expected.size).toBeGreaterThan(90);
  expect([...expected].filter((code) => !known.has(code))).toEqual([]);
});

/** What cannot be had everywhere. */
const unseen = new Set([
  // Of a run that breaks on a graphics card.
  'or use the device cpu: it has more operators',
]);

test('messages and remedies of every place are seen by a test', () => {
  const unread = places.flatMap(({ at, message, remedy }) =>
    [...message, ...remedy]
      .map((run) => run.replaceAll(/^[^\p{L}\p{N}-]+|[^\p{L}\p{N}]+$/gu, ''))
      // Shorter ones stand between two expressions, and say little.
      .filter((run) => run.length >= 12 && !texts.includes(run) && !unseen.has(run))
      .map((run) => `${at}: ${run}`),
  );
  expect(unread).toEqual([]);
});
