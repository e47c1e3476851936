import { expect, test } from 'vitest';
import { climb, gained, greys, leaving, size, slope } from '../../test/affine-world.ts';
import { runAttack } from '../../test/run-attack.ts';
import { distances, rows } from '../tensor/index.ts';
import type { Attack } from './define.ts';
import { sparsePgd } from './sparse-pgd.ts';
import { sparseRs } from './sparse-rs.ts';

/** What the most that so many pixels, or entries, of a grey image can gain: each goes to the end that its slope says. */
function best(count: number, channels: number): number {
  const pixels = size / channels;
  const gains = new Float64Array(pixels);
  for (const [i, w] of slope.entries()) gains[i % pixels] = (gains[i % pixels] as number) + Math.abs(w) / 2;
  return gains
    .toSorted((a, b) => b - a)
    .subarray(0, count)
    .reduce((sum, gain) => sum + gain, 0);
}

const [climbing, asking] = [{ options: { steps: 60 } }, { queries: { scores: 400 } }];

test.for([
  [sparsePgd, 'l0', 1, climbing],
  [sparsePgd, 'l0', 3, climbing],
  [sparsePgd, 'l0-entries', 4, climbing],
  // What an exchange brings has random colours, so that of several pixels it may come to a set that no exchange betters.
  [sparseRs, 'l0', 1, asking],
  [sparseRs, 'l0-entries', 1, asking],
  [sparseRs, 'l0-entries', 4, asking],
] as [Attack, 'l0' | 'l0-entries', number, object][])(
  '$0.name finds the best of an affine model ($1, $2)',
  async ([attack, norm, count, more]) => {
    const { images } = await climb(attack, 3, { norm, epsilon: count }, more);
    const channels = norm === 'l0' ? 3 : 1;
    for (const gain of await gained(images)) expect(gain / best(count, channels)).toBeGreaterThan(1 - 1e-5);
    for (const changed of distances(images, greys(3), norm)) expect(changed).toBe(count);
  },
);

test('sparse-rs sets pixels to corners, and takes others back as it goes', async () => {
  const seen: number[][] = [];
  const task = leaving(1, { norm: 'l0', epsilon: 2 }, { queries: { scores: 30 } });
  await runAttack(sparseRs, task, (images) => {
    const { data } = rows(images, 0, 1);
    seen.push([...new Set(data)]);
  });
  for (const values of seen) expect(values.every((v) => [0, 0.5, 1].includes(v))).toBe(true);
});

test('sparse-pgd draws its mask anew where it stays the same, and by the mask alone where it is told so', async () => {
  const made = async (options: object) =>
    (await climb(sparsePgd, 1, { norm: 'l0', epsilon: 1 }, { options: { steps: 12, ...options } })).images
      .data;
  const plain = await made({ maskStep: 1e-9, patience: 100 });
  // A mask that does not move is stuck on the pixel that was drawn first, until it is drawn anew.
  const pixelOf = (data: Float32Array) => data.findIndex((v) => v !== 0.5) % (size / 3);
  expect(pixelOf(await made({ maskStep: 1e-9, patience: 100, unprojected: false }))).toBe(pixelOf(plain));
  expect((await gained(greysWith(await made({ maskStep: 1e-9, patience: 2 }))))[0]).toBeGreaterThan(
    (await gained(greysWith(plain)))[0] as number,
  );
});

function greysWith(data: Float32Array) {
  return { ...greys(1), data };
}
