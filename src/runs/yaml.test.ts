import { expect, test } from 'vitest';
import { AdvarenaError } from '../tensor/index.ts';
import { readYaml } from './index.ts';

/** What an error says. */
function refused(text: string): string {
  try {
    readYaml(text, 'a.yaml', { code: 'RULES', remedy: 'See the format.' });
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    return `${error.code} ${error.where}: ${error.message} | ${error.remedy}`;
  }
  return 'nothing';
}

test('aliases of aliases', () => {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const item = i === 0 ? 'x' : `*a${i - 1}`;
    return `a${i}: &a${i} [${`${item}, `.repeat(9)}]`;
  });
  expect(refused(levels.join('\n'))).toBe(
    'RULES a.yaml: Its aliases (*name) stand for more than a file should hold. | Write out what it stands for; a value that begins with * needs quotes.',
  );
  expect(refused('a: *b')).toBe(
    'RULES a.yaml: An alias (*name) stands before its anchor (&name), or has none. | Write out what it stands for; a value that begins with * needs quotes.',
  );
  expect(refused('a: &b [1]\nc: *b')).toBe('nothing');
});

test.for(['['.repeat(20_000), `${'- '.repeat(20_000)}x`, '{a: '.repeat(20_000)])(
  'deep nesting: %.4s',
  (text) => {
    expect(refused(text)).toBe(
      'RULES a.yaml: It is nested too deeply. | Write it with fewer lists and maps in each other.',
    );
  },
);

test('the one name that would vanish is refused wherever it stands', () => {
  const taken = 'The name "__proto__" is taken. | Choose another name.';
  expect(refused('a: 1\n__proto__: { b: 2 }')).toBe(`RULES a.yaml:2:1: ${taken}`);
  expect(refused('a:\n  b: { "__proto__": 2 }')).toBe(`RULES a.yaml:2:8: ${taken}`);
  expect(refused('constructor: 1')).toBe('nothing');
});
