import { expect, test } from 'vitest';
import { affine } from '../../../test/pixel-networks.ts';
import { normal } from '../../../test/small-models.ts';
import type { Dataset } from '../../data/index.ts';
import { over } from '../../models/index.ts';
import { tensor } from '../../tensor/index.ts';
import { targetClasses } from './classes.ts';

const input = { channels: 1, height: 2, width: 2 };
const model = over(affine('four', input, normal('four', [4, 4])), { labelOffset: 1 });

test('targets that the labels hold count from where the labels do', async () => {
  // The dataset has them from 0, as it has labels; its files count from 1.
  const dataset = {
    images: tensor(new Uint8Array(8), [2, 1, 2, 2], 'uint8'),
    ids: ['a', 'b'],
    labelOffset: 1,
    targets: Int32Array.of(0, 3),
  } as unknown as Dataset;
  const given = { dataset, file: 'l.csv', offset: 1, labels: Int32Array.of(1, 2), model, seed: 0 };
  expect([...(await targetClasses(undefined, given))]).toEqual([0, 3]);
  expect([...(await targetClasses('csv', given))]).toEqual([0, 3]);
  expect([...(await targetClasses('next', given))]).toEqual([2, 3]);
});
