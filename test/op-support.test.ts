import { describe, expect, test } from 'vitest';
import { gradient, type Rule, rules } from '../src/autodiff/index.ts';
import { caseGraph, caseNames, readCase } from './fixtures.ts';

/** What docs/op-support.md says of the rules, held against what they do. */

const listed = ({ inputs = ['input'] }: Rule): { names: readonly string[]; further: boolean } => ({
  names: inputs,
  further: inputs.at(-1)?.endsWith('...') === true,
});

test('facts are given in one form', () => {
  for (const [name, rule] of rules) {
    expect(rule.since === undefined || (rule.since > 7 && rule.domain === ''), name).toBe(true);
    expect(rule.inputs?.at(-1), name).not.toBe('');
    expect(rule.remarks ?? 'none', name).toMatch(/^(?![A-Z][a-z]).*[^.\s]$/);
    for (const way of rule.formulations ?? []) expect(way, name).toMatch(/^[^:]+: \S/);
    if (rule.zero !== undefined || rule.rewrite !== undefined) expect(rule.inputs, name).toBeUndefined();
  }
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
