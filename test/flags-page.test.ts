import { expect, test } from 'vitest';
import { filesUnder, readText } from './sources.ts';

/** Literals that look like a flag's code in the sources and are those of errors. */
const errors = new Set(['DEFECT', 'NODE_VERSION', 'RECIPE', 'RULES']);

test('docs/flags.md tells every flag, and no other', () => {
  const raised = new Set<string>();
  for (const file of filesUnder('src').filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'))) {
    const text = readText(file);
    for (const [, code = ''] of text.matchAll(/\bcode: '([A-Z_]+)'(?! \|)/g)) raised.add(code);
    if (file.endsWith('models/graph-classifier.ts'))
      for (const [, code = ''] of text.matchAll(/^ {4}\w+: \['([A-Z_]+)', /gm)) raised.add(code);
    if (file.endsWith('arena/scores.ts'))
      for (const [, code = ''] of text.matchAll(/\badd\(\s*'([A-Z_]+)'/g)) raised.add(code);
    if (file.endsWith('autodiff/flags.ts'))
      for (const [, code = ''] of text.matchAll(/^ {4}\| '([A-Z_]+)'/gm)) raised.add(code);
  }
  const told = [...readText('docs/flags.md').matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm)].flatMap(
    ([, codes = '']) => [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => code),
  );
  expect(told.toSorted()).toEqual([...raised].filter((code) => !errors.has(code)).toSorted());
});
