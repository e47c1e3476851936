import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Runs first in processes that tests start: tells which mutants' places they came by (see setup.ts). */

type Coverage = Record<string, number>;

interface Stryker {
  mutantCoverage?: { static: Coverage };
}

const file = path.join(process.env['ADVARENA_MUTANT_COVERAGE'] as string, String(process.pid));
let told = 0;

function tell(): void {
  const stryker = Reflect.get(globalThis, '__stryker__') as Stryker | undefined;
  const coverage = stryker?.mutantCoverage?.static ?? {};
  const sum = Object.values(coverage).reduce((all, count) => all + count, 0);
  if (sum === told) return;
  told = sum;
  writeFileSync(file, JSON.stringify(coverage));
}

// A host is killed when its program ends: it tells before it answers.
const send = process.send?.bind(process) as ((...args: unknown[]) => boolean) | undefined;
if (send !== undefined)
  process.send = (...args: unknown[]): boolean => {
    tell();
    return send(...args);
  };
process.on('exit', tell);
setInterval(tell, 100).unref();
