import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFile, sha256 } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import {
  decodePng,
  loadDataset,
  type Nuisance,
  nuisances,
  type Roadsign,
  renderRoadsign,
  roadsignClasses,
  roadsignParts,
  roadsigns,
  writeRoadsigns,
} from './index.ts';
import { inverse } from './roadsigns/pose.ts';
import { drawSign, styles } from './roadsigns/signs.ts';

const size = 64;
const area = size * size;

const rendered = new Map<string, Promise<Roadsign>>();

/** Photographs of these indices of one seed, each rendered once. */
function signs(indices: readonly number[], off: readonly Nuisance[] = []): Promise<Roadsign[]> {
  return Promise.all(
    indices.map((index) => {
      const key = [index, ...off.toSorted()].join();
      const sign =
        rendered.get(key) ?? renderRoadsign({ seed: 'test', part: 'train', index, off: off.toSorted() });
      rendered.set(key, sign);
      return sign;
    }),
  );
}

function first(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

async function caught(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'nothing thrown',
    (error) => {
      if (!(error instanceof AdvarenaError)) throw error;
      return `${error.code} ${error.message} ${error.remedy}`;
    },
  );
}

describe('what the seed decides', () => {
  test('the same bytes for ever', async () => {
    const hashes: Record<string, string> = {};
    for (const part of roadsignParts)
      for (const index of [0, 1, 1000]) {
        const { id, image, mask, label, target } = await renderRoadsign({ seed: 2017, part, index });
        hashes[id] = `${label} ${target} ${sha256(image).slice(0, 16)} ${sha256(mask).slice(0, 16)}`;
      }
    expect(hashes).toMatchInlineSnapshot(`
      {
        "dev-000000": "8 6 cb27b58105ddbfb5 4ea5603e5fa8ed17",
        "dev-000001": "3 8 ec02b8c0eb296895 d3853d0507890ab0",
        "dev-001000": "13 7 6eec052b16d25836 a1a56c43098f4c1f",
        "final-000000": "10 12 d2a7d14b76331877 1252ca3bf583ea86",
        "final-000001": "9 0 239f9c01458e5bd0 af50a23f6b08004c",
        "final-001000": "5 1 b75cff0979839391 f78af7c7de88f402",
        "train-000000": "14 0 de314f7469113a95 61a9558b3df6e286",
        "train-000001": "13 9 39e2b199030d6ea7 b908ed3e486aee2a",
        "train-001000": "9 2 386ac5dc971b5ff7 1b2fd7dbd2bdc782",
      }
    `);
  });

  test('the same bytes of many photographs for ever, and the same print of every sign', async () => {
    const many = await signs(first(40));
    expect(sha256(Uint8Array.from(many.flatMap(({ image }) => [...image])))).toMatchInlineSnapshot(
      `"480fc845f29e378b4e25ee7b58eb9a143645d50d890e54256b53fce6b6b3a85f"`,
    );
    const side = 48;
    const printed = roadsignClasses.map((_, label) => {
      const levels = styles.flatMap((style) => {
        const { outline, layers } = drawSign(label, style);
        return first(side * side).flatMap((i) => {
          const [x, y] = [(2 * (i % side) + 1) / side - 1, (2 * Math.floor(i / side) + 1) / side - 1];
          return [outline, ...layers.map(([, shape]) => shape)].map((shape) => Number(shape(x, y) < 0));
        });
      });
      const inks = styles.flatMap((style) => drawSign(label, style).layers.map(([ink]) => ink));
      return sha256(new TextEncoder().encode(`${inks.join()} ${levels.join('')}`)).slice(0, 12);
    });
    expect(new Set(printed).size).toBe(roadsignClasses.length);
    expect(printed.join(' ')).toMatchInlineSnapshot(
      `"ef00f0b30282 4c2a22aca431 67e4177d3bbe 6824a81f30c4 809c8f74df68 40d788d59f5e ea4743426963 555839bed534 bb7eb383f14c b8dac122c565 8d45311d9a16 21145aaa5700 879deab699ef 788f6c80f311 f234607fcf14 374b44d0d844"`,
    );
  });

  test('an image is the same alone, among others, and with its seed as a string', async () => {
    const all = await roadsigns({ count: 11, seed: 5, part: 'dev' });
    const alone = await renderRoadsign({ seed: '5', part: 'dev', index: 9 });
    expect(all.images.data.subarray(9 * 3 * area, 10 * 3 * area)).toEqual(alone.image);
    expect([all.ids[9], all.labels?.[9], all.targets?.[9]]).toEqual([alone.id, alone.label, alone.target]);
  });

  test('other parts and other seeds: other images, other orders of the classes', async () => {
    const sets = await Promise.all(
      [
        { seed: 1, part: 'train' },
        { seed: 1, part: 'dev' },
        { seed: 1, part: 'final' },
        { seed: 2, part: 'final' },
      ].map((set) => roadsigns({ count: 16, ...(set as { seed: number; part: 'dev' }) })),
    );
    const images = sets.flatMap(({ images }) =>
      first(16).map((i) => sha256(images.data.slice(i * 3 * area, (i + 1) * 3 * area) as Uint8Array)),
    );
    expect(new Set(images).size).toBe(4 * 16);
    expect(new Set(sets.map(({ labels }) => labels?.join())).size).toBe(4);
    expect(new Set(sets.flatMap(({ ids }) => ids)).size).toBe(3 * 16);
  });

  test('every class once in each run of 16; targets are other classes', async () => {
    const { labels, targets, ...set } = await roadsigns({ count: 48, seed: 3, part: 'train' });
    const classes = first(16);
    for (const from of [0, 16, 32])
      expect(Array.from(labels?.subarray(from, from + 16) ?? []).toSorted((a, b) => a - b)).toEqual(classes);
    expect(labels?.some((label, i) => label === targets?.[i])).toBe(false);
    expect(new Set(targets).size).toBeGreaterThan(12);
    expect([set.images.shape, set.images.dtype, set.classes, set.labelOffset]).toEqual([
      [48, 3, size, size],
      'uint8',
      roadsignClasses.length,
      0,
    ]);
  });

  test('wrong arguments', async () => {
    const make = (options: object) => renderRoadsign({ seed: 1, part: 'dev', index: 0, ...options });
    expect([await caught(make({ part: 'test' })), await caught(make({ off: ['shadows'] }))]).toEqual([
      'ARGUMENT Unknown part "test". Choose one of: train, dev, final. Correct the name of the part.',
      `ARGUMENT Unknown nuisance "shadows". Choose one of: ${nuisances.join(', ')}. Did you mean "shadow"? Correct the name of the nuisance.`,
    ]);
    await expect(make({ index: -1 })).rejects.toThrow(RangeError);
    await expect(roadsigns({ count: 0, seed: 1, part: 'dev' })).rejects.toThrow(RangeError);
  });
});

describe('pose and mask', () => {
  test('the mask is the outline of the sign under the homography', async () => {
    const bad: string[] = [];
    for (const sign of await signs(first(12), ['occlusion'])) {
      const [a, b, c, d, e, f, g, h, w] = inverse(sign.pose.homography);
      const { outline } = drawSign(sign.label, styles[0] as (typeof styles)[number]);
      let [shared, any] = [0, 0];
      for (let i = 0; i < area; i++) {
        const [x, y] = [(i % size) + 0.5, Math.floor(i / size) + 0.5];
        const depth = g * x + h * y + w;
        const inside = outline((a * x + b * y + c) / depth, (d * x + e * y + f) / depth) < 0;
        shared += inside && sign.mask[i] === 1 ? 1 : 0;
        any += inside || sign.mask[i] === 1 ? 1 : 0;
      }
      if (any < 250 || shared / any < 0.96) bad.push(`${sign.id}: ${shared} of ${any} pixels`);
    }
    expect(bad).toEqual([]);
  });

  test('corners and centre are the images of the square and of its middle', async () => {
    for (const { pose } of await signs(first(4))) {
      const [a, b, c, d, e, f, g, h, w] = pose.homography;
      const at = (x: number, y: number) => {
        const depth = g * x + h * y + w;
        return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
      };
      expect(pose.corners).toEqual([at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)]);
      expect(pose.centre).toEqual(at(0, 0));
    }
    const [flat] = await signs([0], ['pose', 'placement']);
    expect(flat?.pose.centre).toEqual([32, 32]);
    expect(flat?.pose.corners.flat().map((v) => Math.round(v))).toEqual([9, 9, 55, 9, 55, 55, 9, 55]);
  });

  test('what stands before the sign is not in the mask, and most of the sign is seen', async () => {
    const seen = await signs(first(24));
    const whole = await signs(first(24), ['occlusion']);
    const shares = seen.map(({ mask }, i) => {
      const all = whole[i]?.mask as Uint8Array;
      return mask.some((value, k) => value > (all[k] as number)) ? Number.NaN : sum(mask) / sum(all);
    });
    expect(shares.filter((share) => !(share > 0.5))).toEqual([]);
    const hidden = shares.filter((share) => share < 0.99).length;
    expect(hidden).toBeGreaterThan(3);
    expect(hidden).toBeLessThan(17);
  });
});

describe('nuisances', () => {
  const indices = first(10);

  /** Pairs of photographs: with nothing but one nuisance (and `also`), and without it. */
  async function pairs(nuisance: Nuisance, also: readonly Nuisance[] = []) {
    const off = nuisances.filter((name) => name !== nuisance && !also.includes(name));
    const [on, without] = [await signs(indices, off), await signs(indices, [...off, nuisance])];
    return on.map((sign, i) => ({ on: sign, off: without[i] as Roadsign }));
  }

  /** Differences of levels where the mask, or the rest, is at least `border` pixels wide. */
  function differences({ on, off }: { on: Roadsign; off: Roadsign }, where: 'sign' | 'rest'): number[] {
    const border = 2;
    const out: number[] = [];
    for (let y = border; y < size - border; y++)
      for (let x = border; x < size - border; x++) {
        let inside = true;
        for (let dy = -border; dy <= border; dy++)
          for (let dx = -border; dx <= border; dx++)
            inside &&= (off.mask[(y + dy) * size + x + dx] === 1) === (where === 'sign');
        if (!inside) continue;
        for (let c = 0; c < 3; c++) {
          const at = c * area + y * size + x;
          out.push((on.image[at] as number) - (off.image[at] as number));
        }
      }
    return out;
  }

  function changed(all: readonly number[]): boolean {
    return all.some((d) => d !== 0);
  }

  /** Mean difference of neighbours. */
  function roughness({ image }: Roadsign): number {
    let total = 0;
    for (let i = 0; i < image.length - 1; i++)
      if (i % size !== size - 1) total += Math.abs((image[i] as number) - (image[i + 1] as number));
    return total / image.length;
  }

  test.for(nuisances)('%s changes images; label, target and the other draws stay', async (nuisance) => {
    const [full, less] = [await signs(indices), await signs(indices, [nuisance])];
    const differing = full.filter(({ image }, i) => sha256(image) !== sha256(less[i]?.image as Uint8Array));
    expect(differing.length).toBeGreaterThan(1);
    const moves = nuisance === 'pose' || nuisance === 'placement';
    const kept = ({ id, label, target, pose, mask }: Roadsign) => ({
      id,
      label,
      target,
      ...(moves ? {} : { pose }),
      ...(moves || nuisance === 'occlusion' ? {} : { mask: sha256(mask) }),
    });
    expect(less.map(kept)).toEqual(full.map(kept));
  });

  test.for(['fading', 'dirt', 'stickers'] as const)('%s lies on the sign alone', async (nuisance) => {
    const all = await pairs(nuisance);
    expect(all.some((pair) => changed(differences(pair, 'sign')))).toBe(true);
    expect(all.some((pair) => changed(differences(pair, 'rest')))).toBe(false);
  });

  test.for(['background', 'neighbours'] as const)('%s leaves the sign alone', async (nuisance) => {
    const all = await pairs(nuisance);
    expect(all.some((pair) => changed(differences(pair, 'rest')))).toBe(true);
    expect(all.some((pair) => changed(differences(pair, 'sign')))).toBe(false);
  });

  test('shadows only darken, and only where the sun shines', async () => {
    const all = await pairs('shadow', ['sun']);
    const values = all.flatMap((pair) => [...differences(pair, 'sign'), ...differences(pair, 'rest')]);
    expect(values.every((d) => d <= 0)).toBe(true);
    expect(values.some((d) => d < -40)).toBe(true);
    const cloudy = await pairs('shadow');
    expect(cloudy.every(({ on, off }) => sha256(on.image) === sha256(off.image))).toBe(true);
  });

  test.for(['motionBlur', 'focusBlur', 'haze'] as const)('%s takes contrast', async (nuisance) => {
    const all = await pairs(nuisance);
    expect(all.filter(({ on, off }) => roughness(on) > roughness(off))).toEqual([]);
  });

  test('noise roughens', async () => {
    const all = await pairs('noise');
    expect(all.filter(({ on, off }) => roughness(on) <= roughness(off))).toEqual([]);
  });

  test.for(['noise', 'jpeg'] as const)('%s has no bias and stays near', async (nuisance) => {
    const all = (await pairs(nuisance)).map((pair) => differences(pair, 'rest'));
    const biases = all.map((d) => Math.abs(sum(d)) / d.length);
    const spreads = all.map((d) => Math.sqrt(sum(d.map((v) => v * v)) / d.length));
    expect(Math.max(...biases)).toBeLessThan(1);
    expect(Math.max(...spreads)).toBeLessThan(12);
  });

  test('the white balance leaves green alone', async () => {
    for (const { on, off } of await pairs('whiteBalance')) {
      expect(on.image.subarray(area, 2 * area)).toEqual(off.image.subarray(area, 2 * area));
      expect(on.image.subarray(0, area)).not.toEqual(off.image.subarray(0, area));
    }
  });
});

describe('folders', () => {
  let root = '';
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'advarena-roadsigns-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  test('what is written is loaded again', async () => {
    const folder = join(root, 'final');
    const done: number[] = [];
    const options = { count: 19, seed: 'secret', part: 'final' } as const;
    const { sha256: digest } = await writeRoadsigns({ ...options, folder, onProgress: (n) => done.push(n) });
    const made = await roadsigns(options);
    expect(await loadDataset({ images: folder })).toEqual({ ...made, name: 'final' });
    expect(await loadDataset({ images: folder, offset: 0, classes: 16, limit: 3 })).toMatchObject({
      ids: ['final-000000', 'final-000001', 'final-000002'],
      labelOffset: 0,
      classes: 16,
    });
    expect(done).toEqual([8, 16, 19]);
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    const sign = await renderRoadsign({ ...options, index: 4 });
    const mask = await decodePng(await readFile(join(folder, 'masks', `${sign.id}.png`)), sign.id);
    expect(mask.data).toEqual(sign.mask.map((value) => 255 * value));
    const poses = JSON.parse(new TextDecoder().decode(await readFile(join(folder, 'poses.json'))));
    expect(poses[sign.id]).toEqual(sign.pose);
    const text = await Promise.all(
      ['dataset.csv', 'dataset.json', 'poses.json'].map(async (name) =>
        new TextDecoder().decode(await readFile(join(folder, name))),
      ),
    );
    expect(text.join()).not.toContain('secret');
    expect(text[0]?.split('\n')[1]).toMatch(/^final-000000,,0,0,1,1,\d+,\d+,,,,$/);
  });

  test('errors: a folder in use, other classes than the card names, a damaged card', async () => {
    const folder = join(root, 'dev');
    await writeRoadsigns({ count: 1, seed: 1, part: 'dev', folder });
    const before = await readdir(folder);
    expect([
      await caught(writeRoadsigns({ count: 1, seed: 2, part: 'dev', folder })),
      await caught(loadDataset({ images: folder, offset: 1 })),
    ]).toEqual([
      'FOLDER_IN_USE The folder is not empty. Name another, or empty it: two datasets must not mix.',
      "OPTION_CONFLICT The competition's CSV has its own targets and 16 labels from 0. Leave out targets, offset and classes.",
    ]);
    expect(await readdir(folder)).toEqual(before);
    await writeFile(join(folder, 'dataset.json'), '{"name": "roadsigns dev", "offset": -1}');
    expect(await caught(loadDataset({ images: folder }))).toMatch(
      /^DATASET_CARD The card of the dataset is not valid: .*offset.*classes/,
    );
    await writeFile(join(folder, 'dataset.json'), '{"name": "roadsigns dev"');
    expect(await caught(loadDataset({ images: folder }))).toBe(
      'DATASET_CARD The card of the dataset is not valid: It is not JSON. Give name, offset (what the CSV calls the first class) and classes (their names), or remove it.',
    );
  });

  test('stops when told, before the table is written', async () => {
    const folder = join(root, 'stopped');
    const stop = new AbortController();
    const writing = writeRoadsigns({
      count: 64,
      seed: 1,
      part: 'dev',
      folder,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(writing).rejects.toThrow('enough');
    expect((await readdir(folder)).filter((name) => !name.endsWith('.png'))).toEqual(['masks']);
  });
});
