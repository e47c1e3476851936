import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { encodePng, nuisances, roadsignClasses } from '../../src/data/index.ts';
import { asked, type Classifier, loadModel } from '../../src/models/index.ts';
import { joinPath, makeFolder, readFile, sha256, writeFileAtomic } from '../../src/runtime/index.ts';
import { rows, toFloat } from '../../src/tensor/index.ts';
import { openPool, type Pool, type PoolOptions, produce, zooEntry } from '../../src/zoo/index.ts';
import type { Study } from './page.ts';
import { contactSheet } from './sheet.ts';
import { confusion, type Pairs, pairsOf } from './statistics.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'zoo/roadsigns-convnet/model.onnx' },
    count: { type: 'string', default: '4000' },
    paired: { type: 'string', default: '1000' },
    /** Photographs, the network that never sees the sign, and sheets to look at; a study that was stopped goes on. */
    work: { type: 'string', default: 'runs/study' },
    out: { type: 'string', default: 'docs' },
  },
});
const { work, out } = values;
const [count, paired] = [Number(values.count), Number(values.paired)];
if (![count, paired].every((n) => Number.isInteger(n) && n > 0) || paired > count) {
  process.stderr.write('Give whole numbers: --count, and --paired up to it.\n');
  process.exit(2);
}

/** Of photographs that no recipe of the zoo and no measurement uses. */
const seed = 'study';
const size = 3 * 64 * 64;

async function photographs(number: number, rest: Pick<PoolOptions, 'off' | 'greySign'> = {}): Promise<Pool> {
  const pool = await openPool({
    part: 'dev',
    seed,
    count: number,
    ...rest,
    folder: joinPath(work, 'photographs'),
  });
  await pool.ready(number);
  return pool;
}

async function answers(model: Classifier, pool: Pool): Promise<Int32Array> {
  const all = new Int32Array(pool.count);
  const atOnce = 200;
  for (let from = 0; from < pool.count; from += atOnce) {
    const to = Math.min(pool.count, from + atOnce);
    const ids = Array.from({ length: to - from }, (_, i) => pool.id(from + i));
    const { classes } = await model.answers(asked(toFloat(rows<'uint8'>(pool.images, from, to)), ids));
    all.set(classes, from);
  }
  return all;
}

async function correct(model: Classifier, pool: Pool): Promise<boolean[]> {
  return Array.from(await answers(model, pool), (answer, i) => answer === pool.labels[i]);
}

function trues(bits: readonly boolean[]): number {
  return bits.filter(Boolean).length;
}

/** The mean share of pixels that hiding the sign leaves. */
function shareLeft({ images: { data }, count: of }: Pool): number {
  const area = size / 3;
  let grey = 0;
  for (let n = 0; n < of; n++)
    for (let i = n * size; i < n * size + area; i++)
      if (data[i] === 128 && data[i + area] === 128 && data[i + 2 * area] === 128) grey++;
  return 1 - grey / (of * area);
}

async function writeSheet(
  file: string,
  pool: Pool,
  indices: readonly number[],
  form: { columns: number; scale: number; gap: number },
): Promise<void> {
  const images = indices.map((i) => pool.images.data.subarray(i * size, (i + 1) * size));
  await writeFileAtomic(file, await encodePng(contactSheet(images, { side: 64, ...form })));
}

await makeFolder(work);
const model = await loadModel(values.model);
const fresh = await photographs(count);
const found = await answers(model, fresh);
const right = Array.from(found, (answer, i) => answer === fresh.labels[i]);

const changes: { off: string; pairs: Pairs }[] = [];
for (const { name, off } of [
  ...nuisances.map((nuisance) => ({ name: nuisance as string, off: [nuisance] })),
  { name: 'all', off: [...nuisances] },
]) {
  const without = await correct(model, await photographs(paired, { off }));
  const pairs = pairsOf(right.slice(0, paired), without);
  changes.push({ off: name, pairs });
  process.stdout.write(`without ${name}: ${trues(without)} of ${paired} right\n`);
}

const blind = await zooEntry('roadsigns-grey', fileURLToPath(new URL('zoo', import.meta.url)));
const folder = joinPath(work, blind.name);
await produce(blind, {
  out: folder,
  work,
  onProgress: ({ step, steps, loss }) => {
    if (step % 50 === 0) process.stdout.write(`step ${step} of ${steps}, loss ${loss.toFixed(3)}\n`);
  },
});
const blindModel = await loadModel(joinPath(folder, 'model.onnx'));
const hidden = await photographs(count, { greySign: true });

const study: Study = {
  model: { name: model.name, sha256: sha256(await readFile(values.model)) },
  images: { part: 'dev', seed, count },
  confusion: confusion(fresh.labels, found, roadsignClasses.length),
  nuisances: changes,
  hidden: {
    training: { photographs: blind.recipe.data.count, epochs: blind.recipe.epochs },
    left: Number(shareLeft(hidden).toFixed(4)),
    right: trues(await correct(blindModel, hidden)),
    rightOfModel: trues(await correct(model, hidden)),
  },
};
await model.release();
await blindModel.release();
await writeFileAtomic(
  joinPath(out, 'roadsigns.json'),
  new TextEncoder().encode(`${JSON.stringify(study)}\n`),
);

const first = (number: number): number[] => Array.from({ length: Math.min(number, count) }, (_, i) => i);
await writeSheet(joinPath(out, 'roadsigns.png'), fresh, first(32), { columns: 8, scale: 1, gap: 2 });
const large = { columns: 8, scale: 2, gap: 4 };
await writeSheet(joinPath(work, 'fresh.png'), fresh, first(40), large);
await writeSheet(joinPath(work, 'hidden.png'), hidden, first(40), large);
const wrong = first(count)
  .filter((i) => right[i] === false)
  .slice(0, 40);
if (wrong.length > 0) await writeSheet(joinPath(work, 'wrong.png'), fresh, wrong, large);
for (const [n, i] of wrong.entries())
  process.stdout.write(
    `wrong.png, row ${Math.floor(n / 8) + 1}, column ${(n % 8) + 1}: ${fresh.id(i)}, ${roadsignClasses[fresh.labels[i] as number]} taken for ${roadsignClasses[found[i] as number]}\n`,
  );
process.stdout.write(
  `${trues(right)} of ${count} right; without the sign ${study.hidden.right} of ${count}\n`,
);
