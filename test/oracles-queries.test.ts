import { attacks } from 'advarena/attacks';
import { attack } from 'advarena/judge';
import { takeRows } from 'advarena/tensor';
import { expect, test } from 'vitest';
import { dataOf, geometricMean, openOracleModel, present, readOracle } from './oracle.ts';

/**
 * Attacks that only ask against what other people's software reached with as many questions on the same images,
 * unrounded. The peers begin at another image, which ours may not know: it begins at noise.
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
