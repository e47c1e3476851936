import { describe, expect, test } from 'vitest';
import { gradient, type Rule, rules } from '../src/autodiff/index.ts';
import { caseGraph, caseNames, readCase } from './fixtures.ts';

/** What docs/op-support.md says of the rules, held against what they do. */

const listed = ({ inputs = ['input'] }: Rule): { names: readonly string[]; further: boolean } => ({
  names: inputs,
  further: inputs.at(-1)?.endsWith('...') === true,
});

test('facts are given in one form', () => {
  const odd = [...rules].filter(([, rule]) => {
    const { since, inputs, remarks = 'none', formulations = [] } = rule;
    const asksNothing = rule.zero !== undefined || rule.rewrite !== undefined;
    return (
      (since !== undefined && (since <= 7 || rule.domain !== '')) ||
      inputs?.at(-1) === '' ||
      (asksNothing && inputs !== undefined) ||
      !/^(?![A-Z][a-z]).*[^.\s]$/.test(remarks) ||
      !formulations.every((way) => /^[^:]+: \S/.test(way))
    );
  });
  expect(odd.map(([name]) => name)).toEqual([]);
});

const cases = caseNames().filter((name) => readCase(name).group !== 'network');

describe.skipIf(cases.length === 0)('over all reference gradients (needs the shared fixtures)', () => {
  test('the inputs named are those that take a gradient', () => {
    const seen = new Map<string, Set<number>>();
    const watched = Object.fromEntries(
      [...rules].map(([name, rule]): [string, Rule] => {
        const taken = new Set<number>();
        seen.set(name, taken);
        return [
          name,
          {
            ...rule,
            backward(context) {
              const found = rule.backward(context);
              for (const [i, g] of found.entries()) if (g !== undefined && context.needs(i)) taken.add(i);
              return found;
            },
          },
        ];
      }),
    );
    for (const name of cases) {
      const about = readCase(name);
      const wrt = about.inputs.filter((i) => i.gradient !== null).map((i) => i.name);
      const constants = Object.keys(about.initializers);
      gradient(caseGraph(name), { of: about.output, wrt: [...wrt, ...constants], overrides: watched });
    }
    const wrong: string[] = [];
    let met = 0;
    for (const [name, taken] of seen) {
      const { names, further } = listed(rules.get(name) as Rule);
      const known = (i: number): boolean => (further ? i >= names.length - 1 : (names[i] ?? '') !== '');
      wrong.push(...[...taken].filter((i) => !known(i)).map((i) => `${name} gives input ${i} a gradient`));
      met += taken.size;
    }
    expect(wrong).toEqual([]);
    expect(met).toBeGreaterThan(150);
  });
});
