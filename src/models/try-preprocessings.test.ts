import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { filled, normal } from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { GraphBuilder, writeModel } from '../onnx/index.ts';
import type { JobContext } from '../runtime/index.ts';
import { takeRows, tensor, toUint8 } from '../tensor/index.ts';
import {
  type Candidate,
  candidatesFor,
  judged,
  offsetsFor,
  sameCandidate,
  tryCandidates,
} from './try-preprocessings.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-trials-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'means.onnx');
const weight = normal('trials', [3, 3]);
const bias = normal('bias', [3]);
writeFileSync(file, network());

/** Sums over the means of the channels, and numbers by which their scale matters. */
function network(): Uint8Array {
  const b = new GraphBuilder(undefined, { name: 'means' });
  const means = b.op('GlobalAveragePool', [b.input('x', 'float32', ['N', 3, 4, 4])]);
  const sums = b.op('MatMul', [b.op('Flatten', [means], { axis: 1 }), b.constant(weight)]);
  b.output(b.op('Add', [sums, b.constant(bias)]), 'y');
  return writeModel(b.finish());
}

/** Images of one colour each, as 8-bit levels. */
const colours = toUint8(filled('colours', [120, 3], 0, 1));
const images = tensor<'uint8'>(
  Uint8Array.from({ length: 120 * 48 }, (_, i) => colours.data[i >> 4] as number),
  [120, 3, 4, 4],
  'uint8',
);

/** The class of a colour by hand: the largest of three sums. */
function classOf(row: number, { channels, mean, std }: Candidate): number {
  const rgb = [0, 1, 2].map((c) => (colours.data[3 * row + c] as number) / 255);
  const x = (channels === 'BGR' ? rgb.toReversed() : rgb).map(
    (v, c) => (v - (mean[c] as number)) / (std[c] as number),
  );
  const scores = [0, 1, 2].map((j) =>
    x.reduce((sum, v, c) => sum + v * (weight.data[3 * c + j] as number), bias.data[j] as number),
  );
  return scores.indexOf(Math.max(...scores));
}

const large = { channels: 'RGB', height: 224, width: 224 } as const;

const context = (said: unknown[] = []): JobContext => ({
  progress: (value) => said.push(value),
  pause: () => Promise.resolve(),
  cache: new Map(),
});

describe('candidates', () => {
  test('the usual ones in both orders, in the order of the network', () => {
    const all = candidatesFor(large);
    expect(all.map((c) => `${c.title} ${c.channels}`)).toEqual([
      '[0,1] RGB',
      '[0,1] BGR',
      '[-1,1] RGB',
      '[-1,1] BGR',
      'ImageNet mean and std RGB',
      'ImageNet mean and std BGR',
      'CLIP mean and std RGB',
      'CLIP mean and std BGR',
      '0..255 RGB',
      '0..255 BGR',
      '0..255 minus Caffe means RGB',
      '0..255 minus Caffe means BGR',
    ]);
    expect(all[5]).toMatchObject({ mean: [0.406, 0.456, 0.485], std: [0.225, 0.224, 0.229] });
  });

  test('one channel has one order and no ImageNet', () => {
    const all = candidatesFor({ channels: 'GRAY', height: 28, width: 28 });
    expect(all.map((c) => c.title)).toEqual(['[0,1]', '[-1,1]', 'MNIST mean and std', '0..255']);
    expect(all.every((c) => c.channels === 'GRAY' && c.mean.length === 1)).toBe(true);
  });

  test('one that somebody says is tried, where it is another', () => {
    const own = { title: 'config.json', channels: 'RGB', mean: [0.1, 0.2, 0.3], std: [1, 1, 1] } as const;
    expect(candidatesFor(large, own)[0]).toBe(own);
    const known = { ...own, mean: [0.485, 0.456, 0.406], std: [0.2290001, 0.224, 0.225] };
    // In the place of what it is the same as, with its own digits.
    expect(candidatesFor(large, known)).toHaveLength(12);
    expect(candidatesFor(large, known)[4]).toEqual({ ...known, title: 'ImageNet mean and std' });
  });

  test('means of CIFAR for small images alone', () => {
    const titles = (side: number): string[] =>
      candidatesFor({ channels: 'RGB', height: side, width: side }).map((c) => c.title);
    const cifar = new Set(['CIFAR-10 mean and std', 'CIFAR-10, other std', 'CIFAR-100 mean and std']);
    expect(new Set(titles(32).filter((t) => !titles(65).includes(t)))).toEqual(cifar);
    expect(titles(64)).toEqual(titles(32));
  });

  test('those that differ by rounding are one', () => {
    const of = (levels: readonly number[], channels: 'RGB' | 'BGR') =>
      ({
        title: 'mine',
        channels,
        mean: levels.map((level) => level / 255),
        std: [1 / 255, 1 / 255, 1 / 255],
      }) as const;
    const caffe = candidatesFor(large).length;
    const rounded = of([104, 117, 123], 'BGR');
    expect(candidatesFor(large, rounded)).toHaveLength(caffe);
    expect(candidatesFor(large, rounded).at(-1)).toEqual({
      ...rounded,
      title: '0..255 minus Caffe means',
    });
    expect(candidatesFor(large, of([104, 117, 123], 'RGB'))).toHaveLength(caffe + 1);
    expect(candidatesFor(large, of([106, 117, 123], 'BGR'))).toHaveLength(caffe + 1);
    // The same means with other deviations are others.
    expect(sameCandidate(rounded, { ...rounded, std: [1, 1, 1] })).toBe(false);
  });
});

test('offsets are those by which every label is an output', () => {
  expect(offsetsFor(Int32Array.of(0, 9), 10)).toEqual([0]);
  expect(offsetsFor(Int32Array.of(1, 10), 10)).toEqual([1]);
  expect(offsetsFor(Int32Array.of(0, 9), 11)).toEqual([0, -1]);
  expect(offsetsFor(Int32Array.of(3, 5), 10)).toEqual([0, -1, 1]);
  expect(offsetsFor(Int32Array.of(0, 12), 10)).toEqual([]);
});

test('every candidate is as right as a computation by hand, and the true one is clearly best', async () => {
  const candidates = candidatesFor(large);
  const truth = candidates.find((c) => c.title.startsWith('ImageNet') && c.channels === 'BGR') as Candidate;
  const labels = Int32Array.from({ length: 120 }, (_, i) => classOf(i, truth) + 1);
  const said: unknown[] = [];
  const work = { file, given: {}, candidates, images, labels, offsets: [0, 1] };
  const { trials, best, near, images: count } = await tryCandidates(work, context(said));
  expect(best).toMatchObject({ title: 'ImageNet mean and std', channels: 'BGR', offset: 1, right: 120 });
  expect(near.map((t) => t.title)).toEqual(['ImageNet mean and std', 'CLIP mean and std']);
  expect([count, trials.length, said.at(-1)]).toEqual([120, 24, 1440]);
  for (const t of trials) {
    const right = labels.filter((label, i) => classOf(i, t) + t.offset === label).length;
    // Two sums that are equal to the last digits may be ordered either way.
    expect(Math.abs(t.right - right), `${t.title} ${t.channels} ${t.offset}`).toBeLessThanOrEqual(1);
  }
});

test('labels that are all the same tell nothing', async () => {
  const candidates = candidatesFor(large);
  // Images which levels alone put into class 2: a candidate by which a network always says the same does as well.
  const levels = candidates.filter((c) => c.title === '0..255');
  const all = Array.from({ length: 120 }, (_, i) => i);
  const same = all.filter((i) => candidates.every((c) => (classOf(i, c) === 2) === levels.includes(c)));
  expect(same.length).toBeGreaterThan(20);
  const labels = new Int32Array(same.length).fill(2);
  const work = { file, given: {}, candidates, images: takeRows(images, same), labels, offsets: [0] };
  const { trials, best } = await tryCandidates(work, context());
  expect([trials[0]?.title, trials[0]?.right, best]).toEqual(['0..255', same.length, undefined]);
});

test('a stop is heard between runs', async () => {
  const stopped = new Error('stopped');
  const candidates = candidatesFor(large);
  const work = { file, given: {}, candidates, images, labels: new Int32Array(120), offsets: [0] };
  await expect(tryCandidates(work, { ...context(), pause: () => Promise.reject(stopped) })).rejects.toBe(
    stopped,
  );
});

describe('the best is chosen', () => {
  const hits = (title: string, channels: Candidate['channels'], right: readonly number[]) => ({
    title,
    channels,
    mean: [title === 'b' ? 0.2 : 0.3],
    std: [title === 'd' ? 1.6 : title === 'c' ? 1.4 : 1],
    offset: 0,
    hits: Uint8Array.from(right),
  });
  /** Ones in [from, to) of 40. */
  const ones = (from: number, to: number): number[] =>
    Array.from({ length: 40 }, (_, i) => Number(i >= from && i < to));

  test('only where it is right on more images than chance explains', () => {
    const best = (second: readonly number[]) =>
      judged([hits('b', 'RGB', second), hits('a', 'RGB', ones(0, 30))], 40, 1 / 10).best?.title;
    // 8 of 8 differ, one way or the other: 2 in 256. 7 of 7: 2 in 128.
    expect(best(ones(0, 22))).toBe('a');
    expect(best(ones(0, 23))).toBeUndefined();
    // As many in all, but others: 10 won and 2 lost, 3.9 %.
    expect(best(ones(10, 32))).toBeUndefined();
  });

  test('not where it is no better than guessing', () => {
    const few = [hits('a', 'RGB', ones(0, 8)), hits('b', 'RGB', ones(0, 0))];
    expect(judged(few, 40, 1 / 8).best).toBeUndefined();
    expect(judged(few, 40, 1 / 100).best?.title).toBe('a');
  });

  test('in the usual order where only that is open', () => {
    const all = [hits('a', 'BGR', ones(0, 31)), hits('a', 'RGB', ones(0, 30)), hits('b', 'RGB', ones(0, 10))];
    const { best, near } = judged(all, 40, 1 / 10);
    expect([best?.title, best?.channels, near.length]).toEqual(['a', 'RGB', 2]);
  });

  test('the most usual of those that are much alike, where only that is open', () => {
    const judge = (title: string) =>
      judged([hits('a', 'RGB', ones(0, 30)), hits(title, 'RGB', ones(0, 31))], 40, 1 / 10);
    expect([judge('c').best?.title, judge('c').near.map((t) => t.title)]).toEqual(['a', ['c', 'a']]);
    expect([judge('d').best?.title, judge('d').near.map((t) => t.title)]).toEqual([undefined, ['d', 'a']]);
  });

  test('and only what is better than guessing may be right', () => {
    // Of 40, 10 are no more than one in eight by chance; the sign test tells none of them from the first.
    const some = [hits('a', 'RGB', ones(0, 12)), hits('b', 'RGB', ones(2, 10)), hits('d', 'RGB', ones(0, 0))];
    expect(judged(some, 40, 1 / 8).near.map((t) => t.title)).toEqual(['a']);
    expect(judged(some, 40, 1 / 8).best).toBeUndefined();
    expect(judged(some, 40, 1 / 2)).toMatchObject({ near: [], guess: 1 / 2 });
  });

  test('and without images there is nothing to choose', async () => {
    expect(await told({ 'no images': () => judged([], 0, 1 / 10) })).toMatchInlineSnapshot(
      `"no images: NO_IMAGES There are no images to try preprocessings on. | Give images with labels."`,
    );
  });
});
