import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { attacks } from 'advarena/attacks';
import { attack } from 'advarena/judge';
import { loadModel } from 'advarena/models';
import { numbers, readNpy, rows, type Tensor } from 'advarena/tensor';
import { expect, test } from 'vitest';

/** AutoAttack against that of its authors on the same network and images, unrounded; skipped without the shared folder. */
const shared = process.env['ADVARENA_SHARED'] ?? path.join('..', 'shared');
const present = existsSync(path.join(shared, 'oracles'));

interface Oracle {
  /** Image, and what broke it first: `wrong` when clean, null for none. */
  rows: [image: number, firstBrokenBy: string | null, last: string | null][];
}

const small = (name: string): string => path.join(shared, 'data', 'small-models', name);

test.skipIf(!present).for([
  ['autoattack', 8, 60],
  ['margin-ensemble', 8, 60],
  ['margin-ensemble', 2, 60],
] as const)('%s leaves as many right as the authors’ at %i/255', async ([name, level, count]) => {
  const file = path.join(shared, 'oracles', `cifar10-adv.autoattack.linf-${level}-255.json`);
  const oracle = JSON.parse(readFileSync(file, 'utf8')) as Oracle;
  const images = readNpy(readFileSync(small('cifar10-500.images.npy')), 'images') as Tensor<'uint8'>;
  const labels = numbers(readNpy(readFileSync(small('cifar10-500.labels.npy')), 'labels'));
  const { samples } = await attack(await loadModel(small('cifar10-adv.onnx')), attacks.find(name), {
    images: rows(images, 0, count),
    labels: labels.slice(0, count),
    epsilon: level / 255,
    pixels: 'float32',
    hosts: 2,
  });
  const own = samples.filter((s) => s.adversarial === s.label && s.clean === s.label).length;
  const theirs = oracle.rows.slice(0, count).filter(([, broken]) => broken === null).length;
  // Within one point of the images, and no image is lost that was right when clean by their account alone.
  expect(own - theirs).toBeLessThanOrEqual(0.01 * count);
  expect(samples.map((s) => s.clean === s.label)).toEqual(
    oracle.rows.slice(0, count).map(([, broken]) => broken !== 'wrong'),
  );
});
