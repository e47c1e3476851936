import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type Attack, attacks } from '../src/attacks/index.ts';
import { roadsigns } from '../src/data/index.ts';
import { attack, defaultNorm } from '../src/judge/index.ts';
import { asked, loadModel } from '../src/models/index.ts';
import { defaultHosts, openHosts, version } from '../src/runtime/index.ts';
import { median, type Norm, type Tensor, takeRows, toFloat } from '../src/tensor/index.ts';

/**
 * What each attack of the catalog does, as it is, to one network on the same images, one line each in the table of
 * docs/attacks.md. `npm run measure` measures those that are not there yet, `npm run measure -- NAME...` these anew; what is
 * measured is kept at once.
 */
const file = 'docs/attacks.json';
const network = 'roadsigns-convnet-adv';
const count = 20;
const seed = 'attacks';

/** Questions per image of an attack that would ask for ever. */
const queries = 2000;

/** Within what an attack of a given radius looks, and a smallest change is told. */
const radii: Record<Norm, number> = { linf: 8 / 255, l2: 1, l1: 10, l0: 10, 'l0-entries': 20 };

export interface Measured {
  version: string;
  network: string;
  images: { part: string; seed: string; count: number };
  queries: number;
  attacks: Record<string, Row>;
}

export interface Row {
  norm: Norm;
  /** Of the radius within which it looked; null for a smallest change. */
  epsilon: number | null;
  goal: string;
  /** Of the images, all right when clean: how many it fooled, or led to their target. */
  won: number;
  /** Of those that it won. */
  distance: number | null;
  gradients: number;
  questions: number;
}

const start: Measured = { version, network, images: { part: 'dev', seed, count }, queries, attacks: {} };
const kept: Measured = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Measured) : start;
const named = process.argv.slice(2);
const chosen = attacks.all.filter(
  ({ name, access }) =>
    access !== 'none' && (named.length === 0 ? kept.attacks[name] === undefined : named.includes(name)),
);

const model = await loadModel(`zoo/${network}/model.onnx`);
const { images, labels } = await right();
const hosts = openHosts({ count: defaultHosts() });
try {
  for (const [i, one] of chosen.entries()) {
    const started = performance.now();
    const row = await measure(one);
    kept.attacks[one.name] = row;
    const sorted = Object.entries(kept.attacks).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const whole = { ...start, attacks: Object.fromEntries(sorted) };
    writeFileSync(file, `${JSON.stringify(whole, null, 1)}\n`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${i + 1} of ${chosen.length}: ${one.name} in ${row.norm}: ${row.won} of ${count}, ${row.distance?.toPrecision(4) ?? '–'}, ${row.gradients} gradients, ${row.questions} questions, ${seconds} s`,
    );
  }
} finally {
  await hosts.close();
  await model.release();
}

/** The first photographs that the network has right. */
async function right(): Promise<{ images: Tensor<'uint8'>; labels: Int32Array }> {
  const all = await roadsigns({ part: 'dev', seed, count: 2 * count });
  const { classes } = await model.answers(asked(toFloat(all.images as Tensor<'uint8'>)));
  const which = Array.from(classes.keys())
    .filter((i) => classes[i] === all.labels?.[i])
    .slice(0, count);
  return {
    images: takeRows(all.images as Tensor<'uint8'>, which),
    labels: Int32Array.from(which, (i) => all.labels?.[i] as number),
  };
}

async function measure(one: Attack): Promise<Row> {
  const norm = defaultNorm(one);
  const epsilon = one.radius === 'minimum' ? null : radii[norm];
  const goal = one.goals[0] ?? 'untargeted';
  const { samples, asked: total } = await attack(model, one, {
    images,
    labels,
    norm,
    goal,
    hosts,
    ...(epsilon !== null && { epsilon }),
    ...(one.queries !== undefined && { queries }),
    ...(one.region === 'needed' && { region: { share: 0.05 } }),
    ...(goal === 'targeted' && { targets: labels.map((label) => (label + 1) % model.classes) }),
  });
  const won = samples.filter(({ success }) => success);
  return {
    norm,
    epsilon,
    goal,
    won: won.length,
    distance: won.length === 0 ? null : median(won.map(({ distance }) => distance)),
    gradients: total.gradients,
    questions: total.scores + total.decisions,
  };
}
