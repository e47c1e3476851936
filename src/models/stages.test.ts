import { describe, expect, test } from 'vitest';
import {
  channelMeans,
  close,
  filled,
  flat,
  identity,
  logitsOf,
  sidecarOf,
  small,
} from '../../test/small-models.ts';
import { told } from '../../test/told.ts';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { type Images, type InputSize, int64, randomOf, rows, type Tensor, tensor } from '../tensor/index.ts';
import { asked, type Classifier, over } from './classifier.ts';
import { graphClassifier } from './graph-classifier.ts';
import { networkGraph } from './network.ts';
import { crossEntropy, margin } from './objectives.ts';
import { behind, type Draws, type GraphStage, type LoopStage } from './stages.ts';

const size = { channels: 3, height: 4, width: 4 };
const random = randomOf(5, 'test');
const given = { labels: int64([0]) };

/** Linear in the means of the channels; made anew for other sizes. */
function means(): Classifier {
  const make = (of?: { height: number; width: number }) =>
    networkGraph(channelMeans(identity), sidecarOf(), { name: 'means', ...(of && { size: of }) });
  return graphClassifier(make(), { name: 'means', remake: make });
}

/** A graph from `images` and draws to `images_out`. */
function graphOf(
  { channels, height, width }: InputSize,
  change: (b: GraphBuilder, images: string) => string,
): Graph {
  const b = new GraphBuilder(undefined, { name: 'stage' });
  b.output(change(b, b.input('images', 'float32', ['N', channels, height, width])), 'images_out');
  return b.finish();
}

const scaled = (images: Images, by: number): Images => ({ ...images, data: images.data.map((v) => v * by) });

/** Halves pixels by a loop. */
const dark: LoopStage = {
  name: 'dark',
  apply: ({ images }) => Promise.resolve(scaled(images, 0.5)),
  surrogate: (input) => graphOf(input, (b, x) => b.op('Mul', [x, b.scalar(0.5)])),
};
/** The same without a twin. */
const blind: LoopStage = { name: 'dark', apply: (q, drawn) => dark.apply(q, drawn) };

/** One number per pixel. */
const perPixel: Draws = {
  shapes: ({ channels, height, width }) => ({ noise: [channels, height, width] }),
  fill: ({ noise }, stream) => stream.fillUniform(noise as Float32Array, 0, 1),
};

/** sin(2x + n) for uniform n. */
const wavy: GraphStage = {
  name: 'wavy',
  draws: perPixel,
  graph: (input) =>
    graphOf(input, (b, x) => {
      const { channels, height, width } = input;
      const noise = b.input('noise', 'float32', ['N', channels, height, width]);
      return b.op('Sin', [b.op('Add', [b.op('Mul', [x, b.scalar(2)]), noise])]);
    }),
};

describe('a graph', () => {
  test('leads gradients back: those of finite differences, with the draws fixed', async () => {
    const smooth = small(size, (b, x) => {
      const weight = b.constant(filled('weight', [48, 5], -1, 1));
      return b.op('Tanh', [b.op('MatMul', [b.op('Flatten', [x], { axis: 1 }), weight])]);
    });
    const model = behind(wavy, behind(wavy, smooth, random), random);
    const images = filled('images', [2, 3, 4, 4]);
    const labels = int64([1, 3]);
    const at = (of: Images) => model.gradient(asked(of, ['a', 'b'], 3), crossEntropy(), { labels });
    const { gradient } = await at(images);
    expect(Math.max(...gradient.data.map(Math.abs))).toBeGreaterThan(0.1);
    const h = 2 ** -7;
    for (const pixel of [0, 17, 31, 47, 48, 70, 95]) {
      const moved = async (by: number): Promise<number> => {
        const data = images.data.slice();
        data[pixel] = (data[pixel] as number) + by;
        return (await at({ ...images, data })).value[Math.floor(pixel / 48)] as number;
      };
      const [wide, narrow] = [
        ((await moved(h)) - (await moved(-h))) / (2 * h),
        ((await moved(h / 2)) - (await moved(-h / 2))) / h,
      ];
      expect(gradient.data[pixel]).toBeCloseTo((4 * narrow - wide) / 3, 3);
    }
    await model.release();
  });

  test('leads the gradient back by the draw of the forward pass', async () => {
    // y = x·n: the gradient is the network's at y, times n.
    const mask: GraphStage = {
      name: 'mask',
      draws: perPixel,
      graph: (input) =>
        graphOf(input, (b, x) =>
          b.op('Mul', [x, b.input('noise', 'float32', ['N', input.channels, input.height, input.width])]),
        ),
    };
    const network = means();
    const model = behind(mask, network, random);
    const images = filled('images', [1, 3, 4, 4]);
    for (const draw of [0, 1, 7]) {
      const n = new Float32Array(48);
      // A key that holds for ever: records name draws by it.
      random.stream('a', '1/mask', draw).fillUniform(n, 0, 1);
      const masked = { ...images, data: images.data.map((v, i) => v * (n[i] as number)) };
      const found = await model.gradient(asked(images, ['a'], draw), crossEntropy(), given);
      const behindIt = await network.gradient(asked(masked, ['a'], draw), crossEntropy(), given);
      expect(found.scores).toEqual(behindIt.scores);
      expect(found.value).toEqual(behindIt.value);
      expect(found.gradient.data).toEqual(behindIt.gradient.data.map((g, i) => g * (n[i] as number)));
      expect((await model.answers(asked(images, ['a'], draw))).scores).toEqual(behindIt.scores);
    }
    await model.release();
  });
});

describe('a loop', () => {
  test('answers through itself and refuses gradients before the network is asked', async () => {
    const network = means();
    let count = 0;
    const counting = over(network, {
      gradient: (...question) => {
        count++;
        return network.gradient(...question);
      },
    });
    const model = behind(dark, counting, random);
    expect([model.name, model.random, model.depth]).toEqual(['dark(means)', false, 2]);
    close((await logitsOf(model, flat(0.6, 0.8, 0.6))).data, [0.3, 0.4, 0.3]);
    await expect(model.gradient(asked(flat(0, 0, 0)), margin(), given)).rejects.toMatchObject({
      code: 'NO_GRADIENT',
      message: 'The stage "dark" of dark(means) has no gradient.',
      where: 'dark(means)',
      remedy: 'Put the view bpda around it: --through bpda, or through: [bpda] in YAML.',
    });
    expect(count).toBe(0);
    await model.release();
  });

  test.for<[what: string, stage: LoopStage, how: 'surrogate' | 'identity', factor: number]>([
    ['its twin', dark, 'surrogate', 0.5],
    ['the identity, where it is asked for', dark, 'identity', 1],
    ['the identity, where there is no twin', blind, 'surrogate', 1],
  ])('is approximated by %s', async ([, stage, how, factor]) => {
    const network = means();
    const seen = behind(stage, network, random).approximate?.(how) as Classifier;
    const images = flat(0.6, 0.8, 0.6);
    const found = await seen.gradient(asked(images), crossEntropy(), given);
    const wanted = await network.gradient(asked(scaled(images, 0.5)), crossEntropy(), given);
    expect(found.scores).toEqual(wanted.scores);
    expect(found.value).toEqual(wanted.value);
    expect(found.gradient).toEqual(scaled(wanted.gradient, factor));
    await network.release();
  });

  test('is approximated by its twin on the draw of the forward pass', async () => {
    const drawn: Tensor[] = [];
    const shaken: LoopStage = {
      name: 'shaken',
      draws: perPixel,
      apply: ({ images }, { noise }) => {
        drawn.push(noise as Tensor);
        return Promise.resolve(scaled(images, 0.5));
      },
      surrogate: (input) =>
        graphOf(input, (b, x) =>
          b.op('Mul', [x, b.input('noise', 'float32', ['N', input.channels, input.height, input.width])]),
        ),
    };
    const network = means();
    const seen = behind(shaken, network, random).approximate?.('surrogate') as Classifier;
    const images = filled('images', [1, 3, 4, 4]);
    const { gradient } = await seen.gradient(asked(images, ['a'], 2), crossEntropy(), given);
    const plain = await network.gradient(asked(scaled(images, 0.5)), crossEntropy(), given);
    expect(gradient.data).toEqual(plain.gradient.data.map((g, i) => g * (drawn[0]?.data[i] as number)));
    await network.release();
  });

  test('that changes the size and has no twin cannot be approximated', async () => {
    const enlarging: LoopStage = {
      name: 'larger',
      output: (input) => ({ ...input, height: 8, width: 8 }),
      apply: ({ ids }) => Promise.resolve(filled('large', [ids.length, 3, 8, 8])),
    };
    const model = behind(enlarging, means(), random);
    for (const how of ['surrogate', 'identity'] as const)
      await expect(
        model.approximate?.(how).gradient(asked(flat(0, 0, 0)), margin(), given),
      ).rejects.toMatchObject({
        code: 'NO_GRADIENT',
        remedy: 'It changes the size of the image and has no differentiable twin: attack around it.',
      });
    await model.release();
  });
});

describe('stages behind stages', () => {
  test('answer and lead back in their order', async () => {
    const bright: GraphStage = {
      name: 'bright',
      graph: (input) => graphOf(input, (b, x) => b.op('Mul', [b.op('Mul', [x, x]), b.scalar(0.25)])),
    };
    const network = means();
    const images = filled('images', [1, 3, 4, 4]);
    // First dark, x/2, then bright, x²/4: x²/16, of the derivative x/8.
    const model = behind(dark, behind(bright, network, random), random);
    expect(model.name).toBe('dark(bright(means))');
    await expect(model.gradient(asked(images), margin(), given)).rejects.toMatchObject({
      where: 'dark(bright(means))',
    });
    const seen = model.approximate?.('surrogate') as Classifier;
    const inside = { ...images, data: images.data.map((v) => (v * v) / 16) };
    const plain = await network.gradient(asked(inside), crossEntropy(), given);
    const { gradient, scores } = await seen.gradient(asked(images), crossEntropy(), given);
    close(scores.data, [...plain.scores.data], 6);
    close(
      gradient.data,
      [...plain.gradient.data].map((g, i) => (g * (images.data[i] as number)) / 8),
      7,
    );
    await model.release();
  });

  test('a loop below a graph is refused with its own name, and approximated', async () => {
    const model = behind(wavy, behind(dark, means(), random), random);
    const question = asked(flat(0.1, 0.2, 0.3));
    await expect(model.gradient(question, margin(), given)).rejects.toMatchObject({ where: 'dark(means)' });
    const { gradient } =
      (await model.approximate?.('surrogate').gradient(question, crossEntropy(), given)) ?? {};
    expect(gradient?.data.every((g) => g !== 0)).toBe(true);
    await model.release();
  });

  test('that are equal draw differently', async () => {
    const drawn: number[][] = [];
    const noting: LoopStage = {
      name: 'noting',
      draws: perPixel,
      apply: ({ images }, { noise }) => {
        drawn.push([...(noise as Tensor).data]);
        return Promise.resolve(images);
      },
    };
    const model = behind(noting, behind(noting, behind(noting, means(), random), random), random);
    await model.answers(asked(flat(0, 0, 0), ['a']));
    await model.answers(asked(flat(0, 0, 0), ['a'], 1));
    await model.answers(asked(flat(0, 0, 0), ['b']));
    expect(new Set(drawn.map(String)).size).toBe(9);
    await model.answers(asked(flat(1, 1, 1), ['a']));
    expect(drawn.slice(9)).toEqual(drawn.slice(0, 3));
    await model.release();
  });
});

describe('a stage that changes the size', () => {
  const enlarging: GraphStage = {
    name: 'larger',
    output: (input) => ({ ...input, height: 8, width: 6 }),
    graph: (input) =>
      graphOf(input, (b, x) => b.op('Pad', [x, b.ints([0, 0, 2, 1, 0, 0, 2, 1]), b.scalar(0.5)])),
  };

  test('opens the network for that size', async () => {
    const network = means();
    const model = behind(enlarging, network, random);
    expect(model.input).toEqual(size);
    const images = filled('images', [2, 3, 4, 4]);
    const padded = tensor(new Float32Array(2 * 3 * 48).fill(0.5), [2, 3, 8, 6]);
    for (let i = 0; i < images.data.length; i++) {
      const [plane, y, x] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      padded.data[plane * 48 + (y + 2) * 6 + x + 1] = images.data[i] as number;
    }
    const larger = network.at?.({ ...size, height: 8, width: 6 }) as Classifier;
    const labels = int64([0, 2]);
    const wanted = await larger.gradient(asked(padded), crossEntropy(), { labels });
    const found = await model.gradient(asked(images), crossEntropy(), { labels });
    expect(found.scores).toEqual(wanted.scores);
    expect(found.gradient.shape).toEqual([2, 3, 4, 4]);
    for (let i = 0; i < images.data.length; i++) {
      const [plane, y, x] = [Math.floor(i / 16), Math.floor(i / 4) % 4, i % 4];
      expect(found.gradient.data[i]).toBe(wanted.gradient.data[plane * 48 + (y + 2) * 6 + x + 1]);
    }
    expect((await model.answers(asked(images))).scores).toEqual(found.scores);
    await larger.release();
    await model.release();
  });

  test('can stand behind another, and be made for another size', async () => {
    const model = behind(enlarging, means(), random);
    const larger = model.at?.({ ...size, height: 5 }) as Classifier;
    expect(larger.input).toEqual({ ...size, height: 5 });
    const twice = behind({ ...enlarging, name: 'again' }, behind(dark, means(), random), random);
    expect(twice.name).toBe('again(dark(means))');
    close((await logitsOf(twice, flat(0.5, 0.5, 0.5))).data, [0.25, 0.25, 0.25]);
    for (const m of [larger, model, twice]) await m.release();
  });

  test('is refused by a network of one size', async () => {
    const fixed = small(
      size,
      (b, x) => b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 }),
      'fixed',
    );
    expect(await told({ 'a larger image': () => behind(enlarging, fixed, random) })).toMatchInlineSnapshot(
      `"a larger image: IMAGE_SIZE The stage "larger" gives images of 8x6, and fixed takes 4x4 only. | Use a model loaded from a file: it is made anew for that size."`,
    );
  });
});

test('the same pixels, names and draws get the same bits in any order and batch, after any work', async () => {
  const model = behind(wavy, behind(wavy, means(), random), random);
  expect(model.random).toBe(true);
  const images = filled('images', [5, 3, 4, 4]);
  const ids = ['a', 'b', 'c', 'd', 'b'];
  const draws = Uint32Array.of(0, 1, 0, 4, 2);
  const labels = [0, 1, 2, 0, 1];
  /** Rows as asked, bits by the place that they have above. */
  const ask = async (which: readonly number[]): Promise<Map<number, number[]>> => {
    const { scores, gradient } = await model.gradient(
      {
        images: tensor(Float32Array.from(which.flatMap((i) => [...rows(images, i, i + 1).data])), [
          which.length,
          3,
          4,
          4,
        ]),
        ids: which.map((i) => ids[i] as string),
        draw: Uint32Array.from(which, (i) => draws[i] as number),
      },
      crossEntropy(),
      { labels: int64(which.map((i) => labels[i] as number)) },
    );
    return new Map(
      which.map((i, n) => [i, [...rows(scores, n, n + 1).data, ...rows(gradient, n, n + 1).data]]),
    );
  };
  const whole = await ask([0, 1, 2, 3, 4]);
  for (const which of [[4, 3, 2, 1, 0], [2], [0, 1], [1, 4, 1], [3, 3, 3, 3, 3, 3, 3]]) {
    const found = await ask(which);
    for (const i of which) expect(found.get(i)).toEqual(whole.get(i));
  }
  const [once, later] = [await logitsOf(model, images, ids, 0), await logitsOf(model, images, ids, 1)];
  expect(later.data).not.toEqual(once.data);
  const other = behind(wavy, behind(wavy, means(), random), random);
  expect(await logitsOf(other, images, ids, 0)).toEqual(once);
  const role = behind(wavy, behind(wavy, means(), randomOf(5, 'other')), randomOf(5, 'other'));
  expect((await logitsOf(role, images, ids, 0)).data).not.toEqual(once.data);
  for (const m of [model, other, role]) await m.release();
});

test('no images are no work', async () => {
  const model = behind(wavy, behind(dark, means(), random), random);
  const none = asked(filled('none', [0, 3, 4, 4]), []);
  expect(await model.answers(none)).toMatchObject({ classes: new Int32Array(0) });
  const seen = model.approximate?.('surrogate') as Classifier;
  const { gradient } = await seen.gradient(none, margin(), { labels: int64([]) });
  expect(gradient.shape).toEqual([0, 3, 4, 4]);
  await model.release();
});
