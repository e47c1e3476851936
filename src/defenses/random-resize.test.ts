import { describe, expect, test } from 'vitest';
import { channelMeans, close, filled, flat, identity, normal, sidecarOf } from '../../test/small-models.ts';
import { makeImages, resolveAttack } from '../judge/index.ts';
import {
  asked,
  type Classifier,
  crossEntropy,
  graphClassifier,
  meanOfDraws,
  networkGraph,
  over,
} from '../models/index.ts';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { type Images, int64, randomOf, rows, takeRows, toFloat, toUint8 } from '../tensor/index.ts';
import { defend, randomResize } from './index.ts';

/** A network from its graph, as from a file: it can be made for images of any size. */
function opened(graph: Graph, size: number, classes: number): Classifier {
  const make = (of?: { height: number; width: number }) =>
    networkGraph(graph, sidecarOf({ size: [size, size], classes }), { name: 'net', ...(of && { size: of }) });
  return graphClassifier(make(), { name: 'net', remake: make });
}

/** Two convolutions over 16x16 pixels. */
function convolutions(): Classifier {
  const b = new GraphBuilder(undefined, { name: 'net' });
  const x = b.input('x', 'float32', ['N', 3, 16, 16]);
  const first = b.constant(normal('first', [8, 3, 3, 3], 0.4));
  const second = b.constant(normal('second', [12, 8, 3, 3], 0.3));
  let y = b.op('Relu', [b.op('Conv', [x, first], { pads: [1, 1, 1, 1], strides: [2, 2] })]);
  y = b.op('Relu', [b.op('Conv', [y, second], { pads: [1, 1, 1, 1], strides: [2, 2] })]);
  b.output(
    b.op('MatMul', [b.op('Flatten', [y], { axis: 1 }), b.constant(normal('head', [192, 5], 0.2))]),
    'y',
  );
  return opened(b.finish(), 16, 5);
}

const random = randomOf(7, 'judge');
const means = (): Classifier => opened(channelMeans(identity), 4, 3);

describe('what it does to known pixels', () => {
  test('grey around a smaller image draws every mean towards it', async () => {
    // 4x4 pixels as 4x4 in a square of 8x8: a quarter of it.
    const defended = defend(means(), randomResize, { from: 4, to: 8, grey: 0.25 }, random);
    const draws = 60;
    const images = takeRows(flat(0.5, 0.75, 1), new Int32Array(draws));
    const { scores } = await defended.answers({
      images,
      ids: Array.from({ length: draws }, () => 'a'),
      draw: Uint32Array.from({ length: draws }, (_, i) => i),
    });
    const sides = new Set<number>();
    for (let n = 0; n < draws; n++) {
      const row = rows(scores as Images, n, n + 1).data;
      // Side s of 8: mean = grey + (s/8)²(colour − grey).
      const side = 8 * Math.sqrt(((row[0] as number) - 0.25) / 0.25);
      sides.add(Math.round(side));
      const share = (Math.round(side) / 8) ** 2;
      close(row, [0.25 + share * 0.25, 0.25 + share * 0.5, 0.25 + share * 0.75]);
    }
    expect([...sides].toSorted((a, b) => a - b)).toEqual([4, 5, 6, 7]);
    await defended.release();
  });

  test('a square of the image size changes nothing', async () => {
    const [model, images] = [means(), filled('images', [3, 3, 4, 4])];
    const defended = defend(model, randomResize, { from: 9, to: 4 }, random);
    expect([defended.name, defended.input, defended.random]).toEqual([
      'random-resize(net)',
      model.input,
      true,
    ]);
    const plain = await model.answers(asked(images));
    expect((await defended.answers(asked(images))).scores).toEqual(plain.scores);
    await defended.release();
  });

  test('by default the square is 331/299 of the image, whose side is the smallest', async () => {
    const sizes: number[][] = [];
    const photographs = over(convolutions(), {
      input: { channels: 3, height: 299, width: 200 },
      at: ({ height, width }) => {
        sizes.push([height, width]);
        return convolutions();
      },
    });
    defend(photographs, randomResize, {}, random);
    expect(sizes).toEqual([[331, 331]]);
    const defended = defend(convolutions(), randomResize, {}, random);
    // 16 pixels in 18: sides of 16 and 17, at nine or four places.
    const { scores } = await defended.answers({
      images: takeRows(filled('one', [1, 3, 16, 16]), new Int32Array(200)),
      ids: Array.from({ length: 200 }, () => 'a'),
      draw: Uint32Array.from({ length: 200 }, (_, i) => i),
    });
    const kinds = new Set(
      Array.from({ length: 200 }, (_, n) => String(scores?.data.subarray(5 * n, 5 * n + 5))),
    );
    expect(kinds.size).toBe(13);
    await defended.release();
  });
});

test('passes are averaged, as probabilities', async () => {
  const images = filled('images', [4, 3, 16, 16]);
  const once = defend(convolutions(), randomResize, {}, random);
  const often = defend(convolutions(), randomResize, { passes: 6 }, random);
  const question = asked(images, ['a', 'b', 'c', 'd'], 2);
  const { scores } = await often.answers(question);
  expect(scores).toEqual((await meanOfDraws(once, 6).answers(question)).scores);
  expect(scores).not.toEqual((await once.answers(question)).scores);
  for (const m of [once, often]) await m.release();
});

test('the same pixels, names and draws are answered alike in any batch and order, after any work', async () => {
  const images = filled('images', [9, 3, 16, 16]);
  const ids = Array.from({ length: 9 }, (_, i) => `name ${i}`);
  const bits = async (model: Classifier, which: readonly number[], draw = 0): Promise<number[][]> => {
    const question = asked(
      takeRows(images, which),
      which.map((i) => ids[i] as string),
      draw,
    );
    const labels = int64(which.map((i) => i % 5));
    const { scores, gradient } = await model.gradient(question, crossEntropy(), { labels });
    expect((await model.answers(question)).scores).toEqual(scores);
    return which.map((_, n) => [...rows(scores, n, n + 1).data, ...rows(gradient, n, n + 1).data]);
  };
  const all = ids.map((_, i) => i);
  const model = defend(convolutions(), randomResize, { passes: 3, flip: true }, random);
  const whole = await bits(model, all);
  const later = await bits(model, all, 1);
  expect(later).not.toEqual(whole);
  for (const which of [all.toReversed(), [4], [7, 7], [0, 8, 3]])
    expect(await bits(model, which)).toEqual(which.map((i) => whole[i]));
  const other = defend(convolutions(), randomResize, { passes: 3, flip: true }, random);
  expect(await bits(other, [5, 2])).toEqual([whole[5], whole[2]]);
  const attackers = defend(convolutions(), randomResize, { passes: 3, flip: true }, randomOf(7, 'attack'));
  expect(await bits(attackers, [5, 2])).not.toEqual([whole[5], whole[2]]);
  for (const m of [model, other, attackers]) await m.release();
});

test('an attack through it does better than one around it', async () => {
  const images = toFloat(toUint8(filled('images', [24, 3, 16, 16], 0.2, 0.8)));
  const ids = Array.from({ length: 24 }, (_, i) => `sample ${i}`);
  const [model, judged, opened] = [
    convolutions(),
    defend(convolutions(), randomResize, {}, random),
    defend(convolutions(), randomResize, {}, randomOf(7, 'attack')),
  ];
  const { classes: labels } = await judged.answers(asked(images, ids));
  const attacked = async (target: Classifier) => {
    const made = await makeImages({ model: target }, resolveAttack({ name: 'pgd', options: { steps: 20 } }), {
      limit: { norm: 'linf', epsilon: 6 / 255 },
      pixels: '8-bit',
      goal: 'untargeted',
      seed: '1',
      ids,
      images,
      labels,
    });
    // Over draws that no attack has seen.
    let margin = 0;
    for (let draw = 0; draw < 8; draw++) {
      const { scores } = await judged.answers(asked(made.images, ids, draw));
      for (const [n, label] of labels.entries()) {
        const z = [...(scores?.data.subarray(5 * n, 5 * n + 5) ?? [])];
        margin += Math.max(...z.filter((_, k) => k !== label)) - (z[label] as number);
      }
    }
    return margin / (8 * 24);
  };
  const [around, through] = [await attacked(model), await attacked(opened)];
  expect(through).toBeGreaterThan(around);
  for (const m of [model, judged, opened]) await m.release();
});
