import { expect, test } from 'vitest';
import { linesOf, sample, within } from '../scripts/mutate/choose.ts';
import { keyOf, keyOfTold, type Mutant, mutantsOf } from '../scripts/mutate/mutant.ts';
import { printed, type Tried } from '../scripts/mutate/report.ts';
import { readSame } from '../scripts/mutate/same.ts';
import { readText } from './sources.ts';

const file = 'src/tensor/units.ts';

function mutant(line: number, replacement = 'false'): Mutant {
  const from = { line, column: 5 };
  const to = { line, column: 10 };
  return {
    file,
    from,
    to,
    mutator: 'ConditionalExpression',
    line: 'if (a < b) {',
    original: 'a < b',
    replacement,
  };
}

test('mutants are those of the sources, by the names that StrykerJS gives them', async () => {
  const found = await mutantsOf(['src/tensor/norms.ts']);
  expect(found.length).toBeGreaterThan(50);
  const one = found.find(({ original }) => original === 'i < a.length');
  expect(readText('src/tensor/norms.ts').split('\n')[(one?.from.line ?? 0) - 1]).toContain('i < a.length');
  expect(new Set(found.map(keyOf)).size).toBe(found.length);
  const { line, column } = (one as Mutant).from;
  const told = {
    mutatorName: one?.mutator ?? '',
    replacement: one?.replacement ?? '',
    location: {
      start: { line: line - 1, column: column - 1 },
      end: { line: line - 1, column: column - 1 + 'i < a.length'.length },
    },
  };
  expect(keyOfTold('src/tensor/norms.ts', told)).toBe(keyOf(one as Mutant));
});

test('changed lines are those of the new side', () => {
  const diff = `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -3 +3,2 @@ function f() {
-  old
+  new
+  newer
@@ -9,2 +10,0 @@
-  gone
-  gone too
diff --git a/src/b.ts b/src/b.ts
--- /dev/null
+++ b/src/b.ts
@@ -0,0 +1 @@
+whole
`;
  expect(linesOf(diff)).toEqual(
    new Map([
      ['src/a.ts', new Set([3, 4])],
      ['src/b.ts', new Set([1])],
    ]),
  );
  const lines = new Map([[file, new Set([3, 4])]]);
  expect(within([mutant(2), mutant(3), mutant(4), mutant(5)], lines)).toEqual([mutant(3), mutant(4)]);
  expect(within([mutant(2)], new Map())).toEqual([]);
});

test('a sample is of its seed, without one twice, in the order of the sources', () => {
  const all = Array.from({ length: 50 }, (_, i) => mutant(i));
  const found = sample(all, 20, '1');
  expect(sample(all, 20, '1')).toEqual(found);
  expect(sample(all, 20, '2')).not.toEqual(found);
  expect(found.map((m) => m.from.line)).toEqual(
    [...new Set(found.map((m) => m.from.line))].toSorted((a, b) => a - b),
  );
  expect(found).toHaveLength(20);
  expect(sample(all, 100, '1')).toEqual(all);
});

test('the table names survivors with their place, and counts those that change nothing apart', () => {
  const tried = (status: Tried['status'], line: number): Tried => ({ mutant: mutant(line), status });
  const text = printed([
    tried('killed', 1),
    tried('killed', 2),
    tried('timeout', 3),
    tried('survived', 4),
    tried('no test', 5),
    tried('same', 6),
  ]);
  expect(text).toBe(`src/tensor/units.ts:4:5  no test notices
  - a < b
  + false

src/tensor/units.ts:5:5  no test comes here
  - a < b
  + false

6 changes: 3 of 5 noticed (60.0 %), 1 of them because nothing ended; 1 not noticed, 1 where no test comes, 1 known to change nothing.`);
});

test('what is listed as changing nothing stands in the sources', () => {
  for (const { file: of, line, original } of readSame()) {
    const lines = readText(of).split('\n');
    const at = lines.findIndex((text) => text.trim() === line);
    expect(`${of}: ${at < 0 ? 'no such line' : 'there'}`).toBe(`${of}: there`);
    expect(lines.slice(at).join('\n')).toContain(original);
  }
});
