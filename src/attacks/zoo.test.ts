import { expect, test } from 'vitest';
import { input, leaving, model, size, slope } from '../../test/affine-world.ts';
import { idsOf, runAttack } from '../../test/run-attack.ts';
import { asked, oracleOf, scoresOf } from '../models/index.ts';
import { type Images, limitOf, randomOf, tensor } from '../tensor/index.ts';
import { attackMargins } from './track.ts';
import { chosen, differences, importance, zoo } from './zoo.ts';

/** Greys of many distances to the border, on the side of class 0. */
const start: Images = tensor(
  Float32Array.from({ length: 4 * size }, (_, k) => {
    const [row, i] = [Math.floor(k / size), k % size];
    return 0.5 - (0.02 + 0.02 * row) * Math.sign(slope[i] as number);
  }),
  [4, input.channels, input.height, input.width],
);
const goal = { kind: 'untargeted', classes: new Int32Array(4) } as const;

test('differences are the slopes of an affine model, of each image in its own entries', async () => {
  const ids = idsOf(start);
  const oracle = oracleOf(model, { access: 'scores', ids, why: '', trouble: {} });
  const entries = ids.map((id) => randomOf(1, 'test').stream(id, 'entries').permutation(size).subarray(0, 5));
  const context = { model: oracle, batch: { ids, images: start, start }, goal };
  const found = await differences(
    { ...context, options: { difference: 0.01, confidence: 0 } },
    start,
    entries,
  );
  for (const [row, own] of entries.entries())
    for (const [k, i] of own.entries()) expect(found[row]?.[k]).toBeCloseTo(-(slope[i] as number), 3);
  expect(entries[0]).not.toEqual(entries[1]);
});

test('beyond the border the loss is flat, up to the confidence', async () => {
  const images = leaving(1, { norm: 'l2', epsilon: 1 }).images;
  for (const [i, w] of slope.entries()) images.data[i] = 0.5 + 0.2 * Math.sign(w);
  const oracle = oracleOf(model, { access: 'scores', ids: ['a'], why: '', trouble: {} });
  const context = { model: oracle, batch: { ids: ['a'], images, start: images }, goal };
  const entries = [Uint32Array.of(0, 1, 2)];
  const slopes = async (confidence: number) =>
    (await differences({ ...context, options: { difference: 0.01, confidence } }, images, entries))[0];
  expect(await slopes(0)).toEqual(new Float64Array(3));
  for (const [i, v] of ((await slopes(100)) ?? []).entries()) expect(v).toBeCloseTo(-(slope[i] as number), 3);
});

test.for(['uniform', 'importance'] as const)(
  'it comes within a few percent of the nearest point of an affine model (%s)',
  async (choice) => {
    const limit = limitOf({ norm: 'l2', epsilon: 'free' }, start, { pixels: 'float32' });
    const { images, meter } = await runAttack(zoo, {
      model,
      images: start,
      goal,
      limit,
      queries: 20_000,
      options: { coordinates: 6, steps: 200, stepSize: 0.01, choice },
    });
    const before = attackMargins(scoresOf(await model.answers(asked(start))), goal);
    for (const [i, d] of limit.distance(images).entries()) {
      const nearest = -(before[i] as number) / Math.hypot(...slope);
      expect(nearest).toBeGreaterThan(0.01);
      expect(d / nearest).toBeGreaterThan(1 - 1e-4);
      expect(d / nearest).toBeLessThan(1.03);
    }
    expect([...meter.counts.scores.values()]).toEqual([20_000, 20_000, 20_000, 20_000]);
  },
);

test('the important parts are those that have changed most', () => {
  const change = new Float64Array(16 * 16);
  [change[0], change[17], change[255]] = [-0.1, 0.2, 0.1];
  const weights = importance(change, { channels: 1, height: 16, width: 16 });
  for (const i of [0, 1, 16, 17]) expect(weights[i]).toBe(0.2);
  for (const i of [254, 239, 238, 255]) expect(weights[i]).toBe(0.1);
  expect(weights.filter((w) => w === 0.002).length).toBe(256 - 8);
  expect(new Set(importance(new Float64Array(256), { channels: 1, height: 16, width: 16 })).size).toBe(1);
});

test('chosen entries differ, and heavy ones are chosen in proportion', () => {
  const weights = Float64Array.of(4, 2, 1, 1);
  const counts = new Float64Array(4);
  for (let draw = 0; draw < 4000; draw++) {
    const stream = randomOf(2, 'test').stream('', 'entries', draw);
    const [first = 0, ...rest] = chosen(stream, 4, 3, weights);
    counts[first] = (counts[first] as number) + 1;
    expect(new Set([first, ...rest]).size).toBe(3);
  }
  for (const [i, n] of counts.entries()) {
    const share = (weights[i] as number) / 8;
    expect(Math.abs(n / 4000 - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / 4000));
  }
});
