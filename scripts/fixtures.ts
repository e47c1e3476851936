import { caseNames, runGradientCase } from '../test/fixtures.ts';

/**
 * Runs the gradient fixtures and prints how many pass per group and why the others fail.
 * Usage: node --conditions=advarena-source scripts/fixtures.ts [NAME-PREFIX]
 */
const groups = new Map<string, { passed: number; all: number }>();
for (const name of caseNames(process.argv[2])) {
  const { group, failure } = await runGradientCase(name);
  const count = groups.get(group) ?? { passed: 0, all: 0 };
  count.all++;
  if (failure === undefined) count.passed++;
  else console.log(`${name}: ${failure}`);
  groups.set(group, count);
}
for (const [group, { passed, all }] of groups) console.log(`${group}: ${passed} of ${all} pass`);
