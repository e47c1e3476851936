import { caseNames, runGradientCase } from '../test/fixtures.ts';

/**
 * Runs the gradient fixtures and prints how many pass per group and why the others fail.
 * Usage: node --conditions=advarena-source scripts/fixtures.ts [NAME-PREFIX] [--passing: names of those that pass, as JSON]
 */
const [prefix] = process.argv.slice(2).filter((a) => !a.startsWith('--'));
const groups = new Map<string, { passed: number; all: number }>();
const passing: string[] = [];
for (const name of caseNames(prefix)) {
  const { group, failure } = await runGradientCase(name);
  const count = groups.get(group) ?? { passed: 0, all: 0 };
  count.all++;
  if (failure === undefined) {
    count.passed++;
    passing.push(name);
  } else if (!process.argv.includes('--passing')) console.log(`${name}: ${failure}`);
  groups.set(group, count);
}
if (process.argv.includes('--passing')) console.log(JSON.stringify(passing, null, 1));
else for (const [group, { passed, all }] of groups) console.log(`${group}: ${passed} of ${all} pass`);
