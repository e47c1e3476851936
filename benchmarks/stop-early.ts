import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { judgeImages, makeImages, resolveAttack } from 'advarena/judge';
import { asked, type Classifier, loadModel } from 'advarena/models';
import { planShards } from 'advarena/runtime';
import { concatRows, type Images, limitOf, median, type Pixels, rows, toFloat } from 'advarena/tensor';
import { openPool } from 'advarena/zoo';

/** One line of the result. Of each pair the first is without early stop, the second with it. */
export interface StopEarlyRow {
  model: string;
  attack: string;
  /** CPU seconds of one thread, medians of alternating runs. */
  cpuSeconds: [number, number];
  /** The second over the first, the median over the rounds. */
  ratio: number;
  /** Rows asked for a gradient, one per image and step, and rows asked by attack and runner without one. */
  gradients: [number, number];
  queries: [number, number];
  /** Shares of the images answered right: judged at 8 bits, and as float32. */
  accuracy8bit: [number, number];
  accuracyFloat: [number, number];
}

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'string' },
    count: { type: 'string', default: '256' },
    rounds: { type: 'string', default: '3' },
    epsilon: { type: 'string', default: '8' },
  },
  allowPositionals: true,
});
const [count, rounds, levels] = [values.count, values.rounds, values.epsilon].map(Number) as [
  number,
  number,
  number,
];
if (!Number.isInteger(count) || !Number.isInteger(rounds) || count < 1 || rounds < 1 || !(levels > 0)) {
  process.stderr.write('--count and --rounds are whole numbers, --epsilon is a number of levels of 255.\n');
  process.exit(2);
}
const epsilon = levels / 255;
const limit = { norm: 'linf', epsilon } as const;
const names = positionals.length > 0 ? positionals : ['roadsigns-resnet', 'roadsigns-resnet-adv'];
const attacks = [
  { name: 'pgd', options: { steps: 20 } },
  { name: 'mi-fgsm', options: { steps: 10 } },
];

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-photographs-'));
const pool = await openPool({ part: 'dev', seed: 'early stop', count, folder });
await pool.ready(count);
rmSync(folder, { recursive: true });
const images = toFloat(pool.images);
const ids = Array.from({ length: count }, (_, i) => pool.id(i));
const labels = Int32Array.from(pool.labels);

const table: StopEarlyRow[] = [];
print([
  'network',
  'attack',
  'CPU s',
  'early',
  'ratio',
  'gradients',
  'early',
  '8-bit',
  'early',
  'float',
  'early',
]);
for (const name of names) {
  const model = await loadModel(path.join(import.meta.dirname, '..', 'zoo', name, 'model.onnx'));
  for (const attack of attacks) {
    const row = await measure(model, attack);
    table.push(row);
    print([
      row.model,
      `${attack.name} ${attack.options.steps}`,
      ...row.cpuSeconds.map((s) => s.toFixed(1)),
      row.ratio.toFixed(2),
      ...row.gradients.map(String),
      ...[...row.accuracy8bit, ...row.accuracyFloat].map((a) => `${(100 * a).toFixed(1)} %`),
    ]);
  }
  await model.release();
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ count, rounds, epsilon, rows: table }, undefined, 2)}\n`);

async function measure(model: Classifier, attack: (typeof attacks)[number]): Promise<StopEarlyRow> {
  const times: [number, number][] = [];
  // Compiles both sessions.
  await run(model, attack, true, Math.min(count, model.rowsPerRun));
  const made: Awaited<ReturnType<typeof run>>[] = [];
  for (let round = 0; round < rounds; round++) {
    made.length = 0;
    const time: [number, number] = [0, 0];
    for (const early of [0, 1] as const) {
      const start = process.cpuUsage();
      made.push(await run(model, attack, early === 1, count));
      const { user, system } = process.cpuUsage(start);
      time[early] = (user + system) / 1e6;
    }
    times.push(time);
  }
  const [whole, early] = made as [(typeof made)[0], (typeof made)[0]];
  const right = async (made: Images, pixels: Pixels): Promise<number> => {
    const judged = judgeImages(made, limitOf(limit, images, { pixels }));
    const { classes } = await model.answers(asked(judged.images, ids));
    return classes.filter((a, i) => a === labels[i]).length / count;
  };
  return {
    model: model.name,
    attack: attack.name,
    cpuSeconds: [median(times.map((t) => t[0])), median(times.map((t) => t[1]))],
    ratio: median(times.map((t) => t[1] / t[0])),
    gradients: [whole.gradients, early.gradients],
    queries: [whole.queries, early.queries],
    accuracy8bit: [await right(whole.images, '8-bit'), await right(early.images, '8-bit')],
    accuracyFloat: [await right(whole.images, 'float32'), await right(early.images, 'float32')],
  };
}

/** Images attacked in shards, as the judge cuts them for one host. */
async function run(
  model: Classifier,
  attack: (typeof attacks)[number],
  stopEarly: boolean,
  count: number,
): Promise<{ images: Images; gradients: number; queries: number }> {
  const resolved = resolveAttack(attack);
  const parts: Images[] = [];
  let [gradients, queries] = [0, 0];
  for (const [from, to] of planShards(count, 1, Math.max(model.rowsPerRun, Math.ceil(count / 8)))) {
    const proposal = await makeImages({ model }, resolved, {
      limit,
      pixels: '8-bit',
      goal: 'untargeted',
      seed: '1',
      ids: ids.slice(from, to),
      images: rows(images, from, to),
      labels: labels.slice(from, to),
      stopEarly,
    });
    parts.push(proposal.images);
    gradients += sum(proposal.counts.gradients);
    queries += sum(proposal.counts.scores) + proposal.confirmations;
  }
  return { images: concatRows(parts), gradients, queries };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((a, v) => a + v, 0);
}

function print(cells: readonly string[]): void {
  process.stdout.write(
    `${cells.map((c, i) => (i < 2 ? c.padEnd(i === 0 ? 22 : 12) : c.padStart(10))).join('')}\n`,
  );
}
