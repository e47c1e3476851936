import { attacks } from 'advarena/attacks';
import { attack } from 'advarena/judge';
import { takeRows } from 'advarena/tensor';
import { expect, test } from 'vitest';
import { dataOf, geometricMean, openOracleModel, present, readOracle } from './oracle.ts';

/**
 * Attacks that only ask against what other people's software reached with as many questions on the same images,
 * unrounded. Peers that decide begin at another image, which ours may not know: it begins at noise.
 */

interface Oracle {
  model: string;
  columns: string[];
  rows: number[][];
}

/** The distance of each image in units of the peer's, for all seeds. */
async function ratios(
  name: string,
  { file, count, queries, seeds }: { file: string; count: number; queries: number; seeds: number[] },
): Promise<number[]> {
  const oracle = readOracle(file) as Oracle;
  const peers = oracle.rows.slice(0, count);
  const which = peers.map((row) => row[0] as number);
  const { images, labels } = dataOf(oracle.model);
  const model = await openOracleModel(oracle.model);
  const out: number[] = [];
  for (const seed of seeds) {
    const { samples } = await attack(model, attacks.find(name), {
      images: takeRows(images, which),
      labels: which.map((i) => labels[i] as number),
      norm: 'l2',
      pixels: 'float32',
      queries,
      seed,
    });
    for (const [i, { success, distance }] of samples.entries()) {
      expect(success).toBe(true);
      out.push(distance / (peers[i]?.[oracle.columns.indexOf(`l2@${queries}`)] as number));
    }
  }
  await model.release();
  return out;
}

test.skipIf(!present)(
  'hop-skip-jump comes as near as the peer with 1,000 questions',
  async () => {
    const file = 'cifar10-adv.hopskipjump.art';
    const found = await ratios('hop-skip-jump', { file, count: 8, queries: 1000, seeds: [0, 1] });
    expect(geometricMean(found)).toBeLessThanOrEqual(1.1);
  },
  120_000,
);

/** Questions until success of each image in units of the peer's, for all seeds, without any radius that binds. */
async function questionRatios(
  file: string,
  name: string,
  { options, seeds }: { options: Record<string, unknown>; seeds: number[] },
): Promise<{ questions: number[]; distances: number[] }> {
  const oracle = readOracle(file) as Oracle;
  const column = (row: readonly number[], of: string): number => row[oracle.columns.indexOf(of)] as number;
  const which = oracle.rows.map((row) => row[0] as number);
  const { images, labels } = dataOf(oracle.model);
  const model = await openOracleModel(oracle.model);
  const out = { questions: [] as number[], distances: [] as number[] };
  for (const seed of seeds) {
    const { samples } = await attack(model, attacks.find(name), {
      images: takeRows(images, which),
      labels: which.map((i) => labels[i] as number),
      norm: 'l2',
      epsilon: 1000,
      pixels: 'float32',
      stopEarly: true,
      options,
      seed,
    });
    for (const [i, { success, asked, distance }] of samples.entries()) {
      const row = oracle.rows[i] as number[];
      expect(success).toBe(true);
      out.questions.push(asked.scores / column(row, 'queries'));
      out.distances.push(distance / column(row, 'l2'));
    }
  }
  await model.release();
  return out;
}

test.skipIf(!present).for([
  ['pixels', 'cifar10-adv.simba-px.art'],
  ['dct', 'cifar10-adv.simba-dct.art'],
] as const)('simba fools the model as soon as the peer, as near (%s)', async ([basis, file]) => {
  const options = { basis, stepSize: 0.2, lowest: 1 };
  const { questions, distances } = await questionRatios(file, 'simba', { options, seeds: [0, 1] });
  // The peer asks about both steps along each vector and takes the better.
  expect(geometricMean(questions)).toBeLessThanOrEqual(1);
  expect(geometricMean(distances)).toBeLessThanOrEqual(1.1);
});
