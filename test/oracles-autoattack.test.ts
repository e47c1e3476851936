import { attacks } from 'advarena/attacks';
import { attack } from 'advarena/judge';
import { rows } from 'advarena/tensor';
import { expect, test } from 'vitest';
import { dataOf, openOracleModel, present, readOracle } from './oracle.ts';

/** AutoAttack against that of its authors on the same network and images, unrounded. */

interface Oracle {
  /** Image, and what broke it first: `wrong` when clean, null for none. */
  rows: [image: number, firstBrokenBy: string | null, last: string | null][];
}

test.skipIf(!present).for([
  ['autoattack', 8, 60],
  ['margin-ensemble', 8, 60],
  ['margin-ensemble', 2, 60],
] as const)('%s leaves as many right as the authors’ at %i/255', async ([name, level, count]) => {
  const oracle = readOracle(`cifar10-adv.autoattack.linf-${level}-255`) as Oracle;
  const { images, labels } = dataOf('cifar10-adv');
  const { samples } = await attack(await openOracleModel('cifar10-adv'), attacks.find(name), {
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
