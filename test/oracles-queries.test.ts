import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { attacks } from 'advarena/attacks';
import { attack } from 'advarena/judge';
import { loadModel } from 'advarena/models';
import { numbers, readNpy, type Tensor, takeRows } from 'advarena/tensor';
import { expect, test } from 'vitest';

/**
 * Attacks that only ask against what other people's software reached with as many questions on the same images,
 * unrounded. The peers begin at another image, which ours may not know: it begins at noise.
 */
const shared = process.env['ADVARENA_SHARED'] ?? path.join('..', 'shared');
const present = existsSync(path.join(shared, 'oracles'));

interface Oracle {
  model: string;
  data: string;
  columns: string[];
  rows: number[][];
}

const read = (...parts: string[]): Buffer => readFileSync(path.join(shared, ...parts));

/** The distance of each image in units of the peer's, for all seeds. */
async function ratios(
  name: string,
  { file, count, queries, seeds }: { file: string; count: number; queries: number; seeds: number[] },
): Promise<number[]> {
  const oracle = JSON.parse(read('oracles', `${file}.json`).toString()) as Oracle;
  const peers = oracle.rows.slice(0, count);
  const which = peers.map((row) => row[0] as number);
  const load = (part: string) => readNpy(read('data', 'small-models', `${oracle.data}.${part}.npy`));
  const labels = numbers(load('labels'));
  const model = await loadModel(path.join(shared, 'data', 'small-models', `${oracle.model}.onnx`));
  const out: number[] = [];
  for (const seed of seeds) {
    const { samples } = await attack(model, attacks.find(name), {
      images: takeRows(load('images') as Tensor<'uint8'>, which),
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

const geometricMean = (values: number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

test.skipIf(!present)(
  'hop-skip-jump comes as near as the peer with 1,000 questions',
  async () => {
    const file = 'cifar10-adv.hopskipjump.art';
    const found = await ratios('hop-skip-jump', { file, count: 8, queries: 1000, seeds: [0, 1] });
    expect(geometricMean(found)).toBeLessThanOrEqual(1.1);
  },
  120_000,
);
