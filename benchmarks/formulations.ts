// node --conditions=advarena-source benchmarks/formulations.ts [--json FILE] [--only NAME,...]
//
// For each hot operator, several ways to write its input gradient, each a whole small graph in the runtime: CPU time
// of one thread, alternating in one process, medians of 9 rounds of 30 ms or more. Between two cheap convolutions,
// the same for all, so that the runtime's blocked layout is as it is inside a network; they are in every figure, and
// nothing is subtracted. The mean over each result leaves the runtime in its place. `forwards` counts in the same
// graph without gradient. All must give the same gradient.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { activations } from './formulations/activations.ts';
import { batchNormalizations } from './formulations/batch-normalization.ts';
import { concats } from './formulations/concat.ts';
import { convs } from './formulations/conv.ts';
import { firstLayers } from './formulations/first-layer.ts';
import { interleaves } from './formulations/interleave.ts';
import { maxPools } from './formulations/max-pool.ts';
import { means } from './formulations/mean.ts';
import { measureSubject, type Row } from './formulations/measure.ts';
import { strides } from './formulations/slice.ts';

const { values } = parseArgs({ options: { json: { type: 'string' }, only: { type: 'string' } } });
const wanted = values.only?.toLowerCase().split(',');

const subjects = [
  ...activations,
  ...maxPools,
  ...convs,
  ...firstLayers,
  ...interleaves,
  ...concats,
  ...batchNormalizations,
  ...means,
  ...strides,
].filter(({ operator }) => wanted?.some((name) => operator.toLowerCase().startsWith(name)) ?? true);
if (subjects.length === 0) {
  process.stderr.write(`No operator begins with ${values.only}.\n`);
  process.exit(2);
}

const rows: Row[] = [];
process.stdout.write('| operator | shape | formulation | ms | forwards | | |\n');
process.stdout.write('| --- | --- | --- | ---: | ---: | --- | --- |\n');
for (const subject of subjects) {
  const measured = await measureSubject(subject);
  rows.push(...measured);
  const least = Math.min(...measured.map((r) => r.ms));
  for (const [i, r] of measured.entries()) {
    const place = i === 0 ? [r.operator, r.shape] : ['', ''];
    const marks = [r.chosen ? 'chosen' : '', r.ms === least ? 'fastest' : ''].filter((m) => m !== '');
    const cells = [...place, r.formulation, r.ms.toFixed(2), r.forwards.toFixed(2), marks.join(', '), r.note];
    process.stdout.write(`| ${cells.join(' | ')} |\n`);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, undefined, 2)}\n`);
