import { attacks } from 'advarena/attacks';
import { type AttackOutcome, attack } from 'advarena/judge';
import { defaultHosts, type Hosts, openHosts } from 'advarena/runtime';
import { median, rows, takeRows } from 'advarena/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataOf, openOracleModel, present, readOracle } from './oracle.ts';

/** The attacks against what other people's software reached on the same networks and images, unrounded. */

interface Oracle {
  images: number;
  options: { eps: string[] };
  columns: string[];
  rows: number[][];
}

interface PgdOracle {
  options: { eps: string };
  runs: {
    attack: string;
    steps?: number;
    stepSize?: number;
    images: number;
    mean?: number;
    /** Digit i: under how many seeds image i stays right, of as many as there are in robustPerSeed. */
    flags: string;
    robustPerSeed: number[];
  }[];
}

const epsilonOf = (text: string): number => {
  const [a = 0, b = 1] = text.split('/').map(Number);
  return a / b;
};

let hosts: Hosts;
beforeAll(() => {
  hosts = openHosts({ count: defaultHosts() });
});
afterAll(async () => hosts.close());

async function run(
  model: string,
  name: string,
  count: number,
  epsilon: number | undefined,
  more: { targeted?: boolean; options?: Record<string, unknown>; seed?: number } = {},
): Promise<AttackOutcome> {
  const { images, labels } = dataOf(model);
  const first = labels.slice(0, count);
  return attack(await openOracleModel(model), attacks.find(name), {
    images: rows(images, 0, count),
    labels: first,
    ...(epsilon !== undefined && { epsilon }),
    pixels: 'float32',
    hosts,
    ...(more.targeted === true ? { goal: 'targeted', targets: first.map((l) => (l + 1) % 10) } : {}),
    ...(more.options === undefined ? {} : { options: more.options }),
    ...(more.seed === undefined ? {} : { seed: more.seed }),
  });
}

interface Agreement {
  /** Over the images right when clean. */
  images: number;
  prediction: number;
  margin: number;
  pixelSum: number;
  /** Images that differ in prediction: their own margin and the reference's. */
  differing: { index: number; own: number; reference: number }[];
  /** Over all images: still right, target reached. */
  right: [own: number, reference: number];
  hit: [own: number, reference: number];
}

function compare(oracle: Oracle, epsilon: string, outcome: AttackOutcome): Agreement {
  const column = (name: string): number => oracle.columns.indexOf(name);
  const [label, clean] = [column('label'), column('clean')];
  const [adv, margin, sum] = [
    column(`adv@${epsilon}`),
    column(`margin@${epsilon}`),
    column(`pixelSum@${epsilon}`),
  ];
  const out: Agreement = {
    images: 0,
    prediction: 0,
    margin: 0,
    pixelSum: 0,
    differing: [],
    right: [0, 0],
    hit: [0, 0],
  };
  const { data: pixels } = outcome.adversarial.images;
  const size = pixels.length / oracle.images;
  for (const [i, row] of oracle.rows.entries()) {
    const own = outcome.samples[i];
    if (own === undefined) throw new Error(`no sample ${i}`);
    const target = ((row[label] as number) + 1) % 10;
    if (own.adversarial === row[label]) out.right[0]++;
    if (row[adv] === row[label]) out.right[1]++;
    if (own.adversarial === target) out.hit[0]++;
    if (row[adv] === target) out.hit[1]++;
    if (row[clean] !== row[label]) continue;
    out.images++;
    if (own.adversarial === row[adv]) out.prediction++;
    else out.differing.push({ index: i, own: own.margin, reference: row[margin] as number });
    if (Math.abs(own.margin - (row[margin] as number)) <= 1e-4) out.margin++;
    let total = 0;
    for (let j = i * size; j < (i + 1) * size; j++) total += pixels[j] as number;
    if (Math.abs(total - (row[sum] as number)) <= 0.05) out.pixelSum++;
  }
  return out;
}

const names = { fgsm: 'fgsm', bim: 'bim', mifgsm: 'mi-fgsm' };
const cases = (['fgsm', 'bim', 'mifgsm'] as const).flatMap((attack) =>
  (['untargeted', 'targeted'] as const).map((goal) => ({ attack, goal })),
);

async function agreements(
  model: string,
  { attack, goal }: (typeof cases)[number],
): Promise<(Agreement & { epsilon: string })[]> {
  const oracle = readOracle(`${model}.${attack}-${goal}.float64`) as Oracle;
  const out = [];
  for (const epsilon of oracle.options.eps) {
    const outcome = await run(model, names[attack], oracle.images, epsilonOf(epsilon), {
      targeted: goal === 'targeted',
    });
    out.push({ epsilon, ...compare(oracle, epsilon, outcome) });
  }
  return out;
}

describe.skipIf(!present)('against the float64 references', () => {
  test.for(cases)('cifar10-adv, $attack $goal: image by image', async (c) => {
    for (const a of await agreements('cifar10-adv', c)) {
      expect(a.prediction / a.images, `prediction at ${a.epsilon}`).toBeGreaterThanOrEqual(0.995);
      expect(a.margin / a.images, `margin at ${a.epsilon}`).toBeGreaterThanOrEqual(0.98);
      expect(a.pixelSum / a.images, `pixel sum at ${a.epsilon}`).toBeGreaterThanOrEqual(0.98);
    }
  });

  test.for(cases)('cifar10-resnet20, $attack $goal: predictions pooled over epsilon', async (c) => {
    const all = await agreements('cifar10-resnet20', c);
    const images = all.reduce((n, a) => n + a.images, 0);
    expect(all.reduce((n, a) => n + a.prediction, 0) / images).toBeGreaterThanOrEqual(0.995);
    for (const d of all.flatMap((a) => a.differing)) expect(Math.min(d.own, d.reference)).toBeLessThan(1e-4);
  });

  test('cifar10-resnet20: the label keeps its term of the gradient on sure images', async () => {
    const outcome = await run('cifar10-resnet20', 'fgsm', 500, 2 / 255);
    const right = outcome.samples.filter((s) => s.adversarial === s.label).length;
    expect(right).toBeGreaterThanOrEqual(101);
    expect(right).toBeLessThanOrEqual(103);
  });

  describe.for(['mnist-lenet5-clean', 'mnist-lenet5-adv'])('%s', (model) => {
    test.for(cases)('$attack $goal: counts within 2 % of the images', async (c) => {
      for (const a of await agreements(model, c)) {
        const { images } = readOracle(`${model}.${c.attack}-${c.goal}.float64`) as Oracle;
        for (const counts of c.goal === 'targeted' ? [a.right, a.hit] : [a.right])
          expect(Math.abs(counts[0] - counts[1]) / images, `at ${a.epsilon}`).toBeLessThanOrEqual(0.02);
      }
    });
  });

  /** And how many of a hundred images may differ: more where ties of max-pools or the peers' saturation decide. */
  const pgds = [
    ['cifar10-adv', '2-255', 2],
    ['cifar10-adv', '8-255', 2],
    ['cifar10-resnet20', '1-255', 10],
    ['mnist-lenet5-adv', '0.3', 10],
    ['mnist-lenet5-clean', '0.2', 2],
  ] as const;
  test.for(pgds)('%s, PGD at %s: no weaker than the reference', async ([model, epsilon, differ]) => {
    const oracle = readOracle(`${model}.pgd.linf-${epsilon}`) as PgdOracle;
    const reference = oracle.runs.find((r) => r.attack.startsWith('PGD-40') && r.mean !== undefined);
    if (reference?.mean === undefined) throw new Error(`no PGD-40 in ${model} ${epsilon}`);
    const outcome = await run(model, 'pgd', reference.images, epsilonOf(oracle.options.eps), {
      options: { steps: 40, ...(reference.stepSize === undefined ? {} : { stepSize: reference.stepSize }) },
    });
    expect(outcome.robustAccuracy).toBeLessThanOrEqual(reference.mean + 0.02);
    // Image by image where all of the reference's seeds agree.
    const seeds = String(reference.robustPerSeed.length);
    const agree = (flag: string): number[] =>
      outcome.samples.flatMap((s, i) =>
        reference.flags[i] === flag ? [Number((s.adversarial === s.label) === (flag === seeds))] : [],
      );
    for (const found of [agree('0'), agree(seeds)])
      expect(found.filter((a) => a === 0).length).toBeLessThanOrEqual((differ / 100) * found.length);
  });

  /** Software that did the same steps differs on the LeNets too: their max-pool ties make gradients a choice. */
  const ddns = [
    { model: 'cifar10-adv', images: 100, median: 0.01, close: 0.9 },
    { model: 'mnist-lenet5-clean', images: 50, median: 0.02, close: 0.9 },
    { model: 'mnist-lenet5-adv', images: 50, median: 0.02, close: 0 },
  ];
  test.for(ddns)(
    '$model, DDN: distances as in the reference',
    async ({ model, images, median: near, close }) => {
      const { rows: reference } = readOracle(`${model}.ddn.adv-lib`) as Oracle;
      const outcome = await run(model, 'ddn', images, undefined, { options: { steps: 1000 } });
      const pairs = outcome.samples.flatMap((s, i) => {
        const [, label, clean, , , l2] = reference[i] as number[];
        expect(s.clean).toBe(clean);
        expect(s.success).toBe(clean === label);
        return clean === label ? [[s.distance, l2 as number] as const] : [];
      });
      const ratio = median(pairs.map(([own]) => own)) / median(pairs.map(([, l2]) => l2));
      expect(Math.abs(ratio - 1)).toBeLessThanOrEqual(near);
      const within = pairs.filter(([own, l2]) => Math.abs(own / l2 - 1) <= 0.01).length;
      expect(within / pairs.length).toBeGreaterThanOrEqual(close);
    },
  );

  test('cifar10-adv, NES: fools what the reference fools', async () => {
    const { rows: reference } = readOracle('cifar10-adv.nes-linf.advertorch') as Oracle;
    const which = reference.map(([image]) => image as number);
    const { images, labels } = dataOf('cifar10-adv');
    const outcome = await attack(await openOracleModel('cifar10-adv'), attacks.find('nes'), {
      images: takeRows(images, which),
      labels: which.map((i) => labels[i] as number),
      ids: which.map(String),
      epsilon: 8 / 255,
      pixels: 'float32',
      // 40 steps of 100 pairs and the image itself, no momentum and no plateau: what the reference did.
      options: { pairs: 100, sigma: 0.01, stepSize: 1 / 255, decay: 0, plateau: 1000 },
      queries: 40 * 201 + 1,
      hosts,
    });
    const fooled = outcome.samples.map((s) => s.success);
    const theirs = reference.map(([, label, adv]) => adv !== label);
    // Other directions are another search: one may be luck.
    expect(fooled.filter((f, i) => f !== theirs[i]).length).toBeLessThanOrEqual(1);
  });

  test('mnist-lenet5-adv: square breaks what no gradients broke, as in the reference', async () => {
    const { rows: fates } = readOracle('mnist-lenet5-adv.autoattack.linf-0.3') as {
      rows: [image: number, brokenBy: string | null][];
    };
    const which = fates.flatMap(([image, by]) => (by === 'square' ? [image] : []));
    expect(which.length).toBe(14);
    const { images, labels } = dataOf('mnist-lenet5-adv');
    const outcome = await attack(await openOracleModel('mnist-lenet5-adv'), attacks.find('square'), {
      images: takeRows(images, which),
      labels: which.map((i) => labels[i] as number),
      ids: which.map(String),
      epsilon: 0.3,
      pixels: 'float32',
      stopEarly: true,
      hosts,
    });
    // Another seed is another search: one or two may be luck.
    expect(outcome.samples.filter((s) => s.success).length).toBeGreaterThanOrEqual(12);
  });
});

test.skipIf(present)(
  'the references are not here: set ADVARENA_SHARED to compare with them',
  () => undefined,
);
