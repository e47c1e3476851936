import { describe, expect, test } from 'vitest';
import { tinyModel } from '../../test/small-models.ts';
import { bpda, openAttack, pgd, runWithin, type ViewUse } from '../attacks/index.ts';
import { gradient } from '../autodiff/index.ts';
import { parseOptions } from '../catalog/index.ts';
import {
  asked,
  type Classifier,
  crossEntropy,
  type LoopStage,
  labelTensor,
  scoresOf,
} from '../models/index.ts';
import { createSession } from '../runtime/index.ts';
import {
  type Images,
  limitOf,
  randomOf,
  rows,
  stream,
  type Tensor,
  tensor,
  toFloat,
  toUint8,
} from '../tensor/index.ts';
import type { Transform } from './define.ts';
import { bitDepth, defend, jpeg, median } from './index.ts';

type Case = [label: string, defense: Transform, options: Record<string, unknown>];

const transforms: Case[] = [
  ['bit-depth of 3', bitDepth, { bits: 3 }],
  ['jpeg of 75', jpeg, { quality: 75 }],
  ['jpeg of 50 in full colour', jpeg, { quality: 50, subsampling: '4:4:4' }],
  ['median of 2', median, { size: 2 }],
  ['median of 3', median, { size: 3 }],
];

function stageOf(defense: Transform, options: Record<string, unknown> = {}): LoopStage {
  return defense.stage(parseOptions(defense.options, options, defense.name)) as LoopStage;
}

function noise(shape: number[], purpose: string): Images {
  const numbers = stream({ seed: 1, role: 'test', sample: '', purpose, draw: 0 });
  const out = tensor(new Float32Array(shape.reduce((a, d) => a * d, 1)), shape);
  numbers.fillUniform(out.data, 0, 1);
  return out;
}

/** Random waves, 8-bit: smooth as photographs are. */
function smooth(shape: [number, number, number, number], purpose: string): Images {
  const [n, channels, height, width] = shape;
  const random = stream({ seed: 2, role: 'test', sample: '', purpose, draw: 0 });
  const data = new Uint8Array(n * channels * height * width);
  for (let plane = 0; plane < n * channels; plane++) {
    const waves = Array.from({ length: 4 }, () => ({
      y: random.normal() * 3,
      x: random.normal() * 3,
      phase: random.uniform() * 6,
    }));
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let v = 0.5;
        for (const w of waves) v += 0.12 * Math.sin((w.y * y) / height + (w.x * x) / width + w.phase);
        data[(plane * height + y) * width + x] = Math.round(255 * Math.min(1, Math.max(0, v)));
      }
  }
  return toFloat(tensor(data, shape, 'uint8'));
}

function constant(shape: number[], level: number): Images {
  return toFloat(tensor(new Uint8Array(shape.reduce((a, d) => a * d, 1)).fill(level), shape, 'uint8'));
}

function apply(stage: LoopStage, images: Images): Promise<Images> {
  return stage.apply(asked(images), {});
}

/** The surrogate of a stage and its gradient, for images of this size. */
async function compile(stage: LoopStage, images: Images) {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const graph = stage.surrogate?.({ channels, height, width });
  if (graph === undefined) throw new Error(`${stage.name} has no surrogate`);
  const forward = await createSession(graph, { name: stage.name });
  const backward = await createSession(
    gradient(graph, { of: 'images_out', wrt: ['images'], cotangent: 'input', keep: [] }),
    { name: stage.name },
  );
  return {
    forward: async (x: Images) => (await forward.run({ images: x }))['images_out'] as Tensor,
    pullBack: async (x: Images, cotangent: Images) =>
      (await backward.run({ images: x, cotangent }))['grad_images'] as Tensor,
    release: async () => {
      await forward.release();
      await backward.release();
    },
  };
}

async function surrogate(stage: LoopStage, images: Images): Promise<Images> {
  const twin = await compile(stage, images);
  const out = await twin.forward(images);
  await twin.release();
  return out;
}

function meanDifference(a: Images, b: Images): number {
  let sum = 0;
  for (const [i, v] of a.data.entries()) sum += Math.abs(v - (b.data[i] as number));
  return sum / a.data.length;
}

function dot(a: Images, b: Images): number {
  let sum = 0;
  for (const [i, v] of a.data.entries()) sum += v * (b.data[i] as number);
  return sum;
}

describe.for(transforms)('%s', ([, defense, options]) => {
  const stage = stageOf(defense, options);
  const images = noise([3, 3, 16, 16], 'images');

  test('answers in [0,1] with the same shape and leaves its input alone', async () => {
    const before = images.data.slice();
    const out = await apply(stage, images);
    expect(images.data).toEqual(before);
    expect(out.shape).toEqual(images.shape);
    expect(out.data).not.toEqual(before);
    for (const v of out.data) expect(v >= 0 && v <= 1).toBe(true);
  });

  test('treats each row alone', async () => {
    const out = await apply(stage, images);
    const last = await apply(stage, rows(images, 2, 3));
    expect(last.data).toEqual(rows(out, 2, 3).data);
    expect((await apply(stage, rows(images, 0, 0))).shape).toEqual([0, 3, 16, 16]);
  });
});

describe('bit-depth', () => {
  test('8 bits leave an 8-bit image as it is, and any depth is idempotent', async () => {
    const images = toFloat(
      tensor(
        Uint8Array.from({ length: 256 }, (_, i) => i),
        [1, 1, 16, 16],
        'uint8',
      ),
    );
    expect(await apply(stageOf(bitDepth, { bits: 8 }), images)).toEqual(images);
    for (let bits = 1; bits <= 8; bits++) {
      const stage = stageOf(bitDepth, { bits });
      const once = await apply(stage, images);
      expect(await apply(stage, once)).toEqual(once);
      expect(new Set(once.data).size).toBe(2 ** bits);
    }
  });

  test('halves go up', async () => {
    const images = tensor(Float32Array.of(0, 0.25, 0.499, 0.5, 0.501, 1), [1, 1, 2, 3]);
    const out = await apply(stageOf(bitDepth, { bits: 1 }), images);
    expect([...out.data]).toEqual([0, 0, 0, 1, 1, 1]);
  });
});

/** Index of the pixel that stands for one outside: d c b a | a b c d. */
function reflect(i: number, n: number): number {
  if (i < 0) return -i - 1;
  return i < n ? i : 2 * n - i - 1;
}

describe('median', () => {
  test('leaves a constant image as it is', async () => {
    const images = constant([1, 3, 7, 5], 77);
    for (const size of [2, 3]) expect(await apply(stageOf(median, { size }), images)).toEqual(images);
  });

  test.for([2, 3])('of %i is the middle of each window in order', async (size) => {
    const images = noise([2, 3, 6, 9], 'median');
    const out = await apply(stageOf(median, { size }), images);
    const [, , height = 0, width = 0] = images.shape;
    for (const [i, v] of out.data.entries()) {
      const [plane, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      const window: number[] = [];
      for (let dy = 0; dy < size; dy++)
        for (let dx = 0; dx < size; dx++) {
          const [row, column] = [reflect(y - 1 + dy, height), reflect(x - 1 + dx, width)];
          window.push(images.data[(plane * height + row) * width + column] as number);
        }
      expect(v).toBe(window.toSorted((a, b) => a - b)[(size * size) >> 1]);
    }
  });

  test.for([2, 3])('of %i as a graph is the same, ties included', async (size) => {
    const stage = stageOf(median, { size });
    for (const images of [noise([2, 1, 6, 9], 'median'), smooth([2, 3, 8, 8], 'median')])
      expect((await surrogate(stage, images)).data).toEqual((await apply(stage, images)).data);
  });
});

describe('jpeg', () => {
  test('leaves constant grey as it is and constant colour nearly', async () => {
    const stage = stageOf(jpeg);
    for (const level of [0, 1, 77, 128, 200, 255]) {
      const grey = constant([1, 1, 16, 16], level);
      expect(await apply(stage, grey)).toEqual(grey);
      const images = constant([1, 3, 16, 16], level);
      expect(await apply(stage, images)).toEqual(images);
      images.data.fill(Math.fround(60 / 255), 256, 512);
      for (const [i, v] of (await apply(stage, images)).data.entries())
        expect(Math.abs(v - (images.data[i] as number)) * 255).toBeLessThanOrEqual(3.001);
    }
  });

  test.for<[[number, number, number, number], Record<string, unknown>]>([
    [[2, 3, 32, 32], {}],
    [[2, 3, 33, 21], {}],
    [[2, 3, 32, 32], { quality: 30 }],
    [[2, 3, 29, 40], { subsampling: '4:4:4' }],
    [[2, 1, 28, 28], {}],
  ])('of %j %j as a graph agrees with the codec', async ([shape, options]) => {
    const stage = stageOf(jpeg, options);
    const images = textured(shape);
    const compressed = await apply(stage, images);
    const twin = await surrogate(stage, images);
    expect(meanDifference(twin, compressed) * 255).toBeLessThan(2);
    // Much nearer to the codec's image than that is to the original.
    expect(meanDifference(twin, compressed)).toBeLessThan(meanDifference(images, compressed) / 2);
  });
});

/** A smooth image with fine structure that compression takes away. */
function textured(shape: [number, number, number, number]): Images {
  const images = smooth(shape, 'texture');
  const grain = noise(shape, 'grain');
  const data = images.data.map((v, i) =>
    Math.min(1, Math.max(0, v + 0.1 * ((grain.data[i] as number) - 0.5))),
  );
  return toFloat(toUint8({ ...images, data }));
}

describe.for<[...Case, shape: number[]]>([
  ['jpeg of half the colour', jpeg, { quality: 40 }, [1, 3, 16, 16]],
  ['jpeg of full colour', jpeg, { quality: 40, subsampling: '4:4:4' }, [1, 3, 11, 16]],
  ['jpeg of odd sizes', jpeg, { quality: 40 }, [1, 3, 19, 13]],
  ['grey jpeg', jpeg, { quality: 40 }, [1, 1, 11, 13]],
  ['median of 2', median, { size: 2 }, [1, 3, 7, 6]],
  ['median of 3', median, { size: 3 }, [1, 3, 7, 6]],
])('the surrogate: %s', ([, defense, options, shape]) => {
  test('has the gradient of its finite differences, where it is smooth', async () => {
    // Away from the borders of the range, where its values are cut.
    const images = noise(shape, 'gradient');
    for (const [i, v] of images.data.entries()) images.data[i] = 0.3 + 0.4 * v;
    const cotangent = noise(shape, 'cotangent');
    const twin = await compile(stageOf(defense, options), images);
    const found = await twin.pullBack(images, cotangent);
    const slope = async (pixel: number, h: number): Promise<number> => {
      const at = async (step: number): Promise<number> => {
        const data = images.data.slice();
        data[pixel] = (data[pixel] as number) + step;
        return dot(cotangent, await twin.forward({ ...images, data }));
      };
      return ((await at(h)) - (await at(-h))) / (2 * h);
    };
    const random = stream({ seed: 3, role: 'test', sample: '', purpose: 'pixels', draw: 0 });
    let compared = 0;
    for (let k = 0; k < 24; k++) {
      const pixel = random.integer(images.data.length);
      const [wide, narrow] = [await slope(pixel, 6e-4), await slope(pixel, 3e-4)];
      // A jump in between, from one whole coefficient to the next, shows as two different slopes.
      if (Math.abs(wide - narrow) > 0.05) continue;
      compared++;
      expect(Math.abs((found.data[pixel] as number) - narrow)).toBeLessThan(0.003);
    }
    expect(compared).toBeGreaterThan(16);
    await twin.release();
  });
});

describe('behind a defense', () => {
  const model = tinyModel();
  const images = textured([24, 3, 16, 16]);
  const ids = Array.from({ length: 24 }, (_, i) => `sample ${i}`);

  async function attack(target: Classifier, labels: Int32Array, views: ViewUse[] = []): Promise<Images> {
    const { context, set } = openAttack({
      attack: pgd,
      options: parseOptions(pgd.options, { steps: 20 }, 'pgd'),
      model: target,
      views,
      ids,
      images,
      goal: { kind: 'untargeted', classes: labels },
      limit: limitOf({ norm: 'linf', epsilon: 8 / 255 }, images),
      random: randomOf(1, 'attack'),
    });
    const run = runWithin(pgd, context, set);
    for (;;) {
      const { done, value } = await run.next();
      if (done === true) return value;
    }
  }

  test.for(transforms)('%s refuses gradients and names the remedy', async ([, defense, options]) => {
    const defended = defend(model, defense, options);
    const labels = labelTensor(new Int32Array(24));
    const failure = await defended
      .gradient(asked(images, ids), crossEntropy(), { labels })
      .catch((e) => e.toJSON());
    expect(failure).toEqual({
      code: 'NO_GRADIENT',
      message: `The stage "${defense.name}" of ${defense.name}(tiny) has no gradient.`,
      where: `${defense.name}(tiny)`,
      remedy: 'Put the view bpda around it: --through bpda, or through: [bpda] in YAML.',
    });
  });

  test.for(transforms)(
    '%s is attacked better through bpda than by transfer',
    async ([, defense, options]) => {
      const defended = defend(model, defense, options);
      const { classes: labels } = await defended.answers(asked(images, ids));
      const margins = async (attacked: Images): Promise<{ fooled: number; mean: number }> => {
        const scores = scoresOf(await defended.answers(asked(attacked, ids)));
        const each = Array.from(labels, (label, row) => {
          const z = [...rows(scores, row, row + 1).data];
          return Math.max(...z.filter((_, k) => k !== label)) - (z[label] as number);
        });
        return {
          fooled: each.filter((m) => m > 0).length,
          mean: each.reduce((a, m) => a + m, 0) / each.length,
        };
      };
      const transferred = await margins(await attack(model, labels));
      const through = { view: bpda, options: { backward: 'surrogate' } } as ViewUse;
      const adapted = await margins(await attack(defended, labels, [through]));
      expect(adapted.fooled).toBeGreaterThanOrEqual(transferred.fooled);
      expect(adapted.mean).toBeGreaterThan(transferred.mean);
    },
  );
});
