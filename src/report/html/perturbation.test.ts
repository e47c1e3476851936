import { expect, test } from 'vitest';
import { decodePng } from '../../data/index.ts';
import { magnify } from './perturbation.ts';

const image = (...data: number[]) => ({
  height: 1,
  width: data.length,
  channels: 1,
  data: Uint8Array.from(data),
});

async function shown(before: number[], after: number[]) {
  const { png, factor, largest } = await magnify(image(...before), image(...after), 'image 1');
  return { levels: [...(await decodePng(png, 'the change')).data], factor, largest };
}

test('what became lighter is lighter than grey, what became darker darker', async () => {
  expect(await shown([100, 100, 100], [101, 99, 100])).toEqual({
    levels: [255, 1, 128],
    factor: 127,
    largest: 1,
  });
});

test('the factor is the largest whole one that cuts nothing off', async () => {
  // 127 levels lie above middle grey.
  for (const [change, factor] of [
    [2, 63],
    [42, 3],
    [43, 2],
    [63, 2],
    [64, 1],
    [127, 1],
  ] as const)
    expect(await shown([0, 0], [change, 0])).toEqual({
      levels: [128 + factor * change, 128],
      factor,
      largest: change,
    });
});

test('the largest change counts, up or down, wherever it is', async () => {
  expect(await shown([9, 100, 9], [10, 60, 11])).toMatchObject({ factor: 3, largest: 40 });
});

test('a change beyond half the range is shown as it is, and kept within the range', async () => {
  expect(await shown([0, 255], [255, 0])).toEqual({ levels: [255, 0], factor: 1, largest: 255 });
});

test('no change is grey', async () => {
  expect(await shown([0, 255], [0, 255])).toEqual({ levels: [128, 128], factor: 127, largest: 0 });
});

test('images of other channels are refused by name', async () => {
  const colour = { height: 1, width: 1, channels: 3, data: new Uint8Array(3) };
  await expect(magnify(image(0), colour, 'image 7')).rejects.toMatchObject({
    code: 'IMAGE_SIZE',
    message: 'The clean image is 1×1 in grey, the adversarial one 1×1 in RGB.',
  });
});
