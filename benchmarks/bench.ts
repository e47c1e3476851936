import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureNetwork } from './cpu.ts';
import { defaultModels } from './models.ts';
import { measureThroughput } from './throughput.ts';

/** One line of the result: a model at one batch size. */
export interface Row {
  model: string;
  batch: number;
  /** CPU milliseconds of one thread per batch: the model's own forward pass, and forward with input gradient. */
  forwardCpuMs: number;
  gradientCpuMs: number;
  ratio: number;
  /** Images per second of wall time at the library's own choice of hosts and shards. */
  forwardPerSecond: number;
  pgd10PerSecond: number;
  /** Share of the CPU time of PGD spent outside the runtime. */
  outsideShare: number;
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    models: { type: 'boolean' },
    batch: { type: 'string', default: '4,16' },
    rounds: { type: 'string', default: '11' },
  },
  allowPositionals: true,
});

const models = values.models === true || positionals.length > 0 ? positionals : defaultModels();
const batches = values.batch.split(',').map(Number);
const rounds = Math.max(9, Number(values.rounds));
if (models.length === 0 || batches.some((b) => !Number.isInteger(b) || b < 1)) {
  process.stderr.write('Name ONNX files after --models, and whole numbers after --batch.\n');
  process.exit(2);
}

const rows: Row[] = [];
const head = ['model', 'batch', 'forward ms', 'gradient ms', 'ratio', 'forward/s', 'PGD-10/s', 'outside'];
process.stdout.write(`${line(head)}\n`);
for (const model of models) {
  const throughput = await measureThroughput(model);
  for (const batch of batches) {
    const row: Row = { model, batch, ...(await measureNetwork(model, batch, rounds)), ...throughput };
    rows.push(row);
    process.stdout.write(
      `${line([
        model.replace(/(\/model)?\.onnx$/, '').replace(/^.*\//, ''),
        String(batch),
        row.forwardCpuMs.toFixed(2),
        row.gradientCpuMs.toFixed(2),
        row.ratio.toFixed(2),
        row.forwardPerSecond.toFixed(1),
        row.pgd10PerSecond.toFixed(1),
        `${(100 * row.outsideShare).toFixed(1)} %`,
      ])}\n`,
    );
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, undefined, 2)}\n`);

function line(cells: readonly string[]): string {
  return cells.map((c, i) => (i === 0 ? c.padEnd(22) : c.padStart(12))).join('');
}
