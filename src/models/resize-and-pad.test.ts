import { describe, expect, test } from 'vitest';
import { filled } from '../../test/small-models.ts';
import { type Images, type InputSize, randomOf, rows, sizeOf, tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { type ResizeAndPad, resizeAndPad } from './resize-and-pad.ts';
import { openStage } from './stages.ts';

const random = randomOf(2, 'test');

/** Sizes from `from` to `to`, every image changed, grey 0.5, not mirrored, left in the square. */
function options(from: number, to: number, more: Partial<ResizeAndPad> = {}): ResizeAndPad {
  return { from: () => from, to: () => to, odds: 1, grey: 0.5, flip: false, back: false, ...more };
}

/** What the stage makes of images, and the matrices with which. */
async function passed(how: ResizeAndPad, images: Images, draw = 0) {
  const [, channels = 0, height = 0, width = 0] = images.shape;
  const input: InputSize = { channels, height, width };
  const stage = resizeAndPad(how);
  const open = openStage(stage, { input, random, place: 1, model: 'test' });
  const { images: out, drawn } = await open.pass(asked(images, undefined, draw));
  await open.release();
  return { out, drawn: drawn as { vertical: Images; horizontal: Images }, output: stage.output?.(input) };
}

/** The square as loops make it: size, place and mirroring are read from the matrices of one row. */
function placed(image: Images, vertical: Images, horizontal: Images, grey: number): Float32Array {
  const [, channels = 0, height = 0, width = 0] = image.shape;
  const [, down = 0] = vertical.shape;
  const [, across = 0] = horizontal.shape;
  const out = new Float32Array(channels * down * across);
  const sourceOf = (matrix: Images, row: number, size: number): number =>
    matrix.data.subarray(row * size, (row + 1) * size).indexOf(1);
  for (let i = 0; i < out.length; i++) {
    const [c, y, x] = [Math.floor(i / (down * across)), Math.floor(i / across) % down, i % across];
    const [v, h] = [sourceOf(vertical, y, height), sourceOf(horizontal, x, width)];
    out[i] = v < 0 || h < 0 ? grey : (image.data[(c * height + v) * width + h] as number);
  }
  return out;
}

describe('in the square', () => {
  test('pixels are those of the image, the nearest, and grey around them', async () => {
    const images = filled('images', [40, 3, 5, 7], 0.6, 1);
    const { out, drawn, output } = await passed(options(5, 12), images);
    expect(output).toEqual({ channels: 3, height: 12, width: 12 });
    expect(out.shape).toEqual([40, 3, 12, 12]);
    const sides = new Set<number>();
    const places = new Set<string>();
    for (let n = 0; n < 40; n++) {
      const [image, vertical, horizontal, result] = [images, drawn.vertical, drawn.horizontal, out].map((t) =>
        rows(t, n, n + 1),
      ) as [Images, Images, Images, Images];
      expect(result.data).toEqual(placed(image, vertical, horizontal, 0.5));
      // One side for both axes: each source pixel is as often in a column as in a row.
      const filledRows = [...vertical.data].filter((v) => v === 1).length;
      expect([...horizontal.data].filter((v) => v === 1).length).toBe(filledRows);
      sides.add(filledRows);
      const first = (t: Images, size: number): number => Math.floor(t.data.indexOf(1) / size);
      const [top, left] = [first(vertical, 5), first(horizontal, 7)];
      expect(top + filledRows).toBeLessThanOrEqual(12);
      expect(left + filledRows).toBeLessThanOrEqual(12);
      places.add(`${top} ${left}`);
    }
    // Sides of [5, 12), the end apart, and many places.
    expect([...sides].toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(places.size).toBeGreaterThan(20);
  });

  test('a known draw', async () => {
    // 2x2 pixels as 3x3, at row 1 and column 0 of 4x4.
    const images = tensor(Float32Array.of(0.1, 0.2, 0.3, 0.4), [1, 1, 2, 2]);
    const known = async (draw: number): Promise<number[] | undefined> => {
      const { out, drawn } = await passed(options(3, 4), images, draw);
      const [top, left] = [drawn.vertical.data.indexOf(1) / 2, drawn.horizontal.data.indexOf(1) / 2];
      return top === 1 && left === 0 ? [...out.data] : undefined;
    };
    let found: number[] | undefined;
    for (let draw = 0; found === undefined && draw < 50; draw++) found = await known(draw);
    const [a, b, c, d] = images.data as unknown as [number, number, number, number];
    const wanted = [
      [0.5, 0.5, 0.5, 0.5],
      [a, a, b, 0.5],
      [a, a, b, 0.5],
      [c, c, d, 0.5],
    ];
    expect(found).toEqual(wanted.flat());
  });

  test('sums: each pixel weighs as often as it stands there, and grey the rest', async () => {
    const images = filled('images', [20, 1, 6, 6]);
    const grey = 0.25;
    const { out, drawn } = await passed(options(6, 11, { grey }), images);
    for (let n = 0; n < 20; n++) {
      const times = (t: Images): number[] => {
        const { data } = rows(t, n, n + 1);
        return Array.from({ length: 6 }, (_, i) => {
          let sum = 0;
          for (let row = 0; row < 11; row++) sum += data[row * 6 + i] as number;
          return sum;
        });
      };
      const [down, across] = [times(drawn.vertical), times(drawn.horizontal)];
      let wanted = 0;
      let area = 0;
      for (const [y, v] of down.entries())
        for (const [x, h] of across.entries()) {
          wanted += v * h * (images.data[36 * n + 6 * y + x] as number);
          area += v * h;
        }
      const sum = rows(out, n, n + 1).data.reduce((a, v) => a + v, 0);
      expect(sum).toBeCloseTo(wanted + grey * (121 - area), 4);
    }
  });

  test('every second image is mirrored where that is asked for, and none else', async () => {
    const images = filled('images', [400, 1, 3, 3]);
    const mirrored = async (flip: boolean): Promise<number> => {
      const { drawn, out } = await passed(options(3, 5, { flip }), images);
      let count = 0;
      for (let n = 0; n < 400; n++) {
        const [vertical, horizontal] = [drawn.vertical, drawn.horizontal].map((t) => rows(t, n, n + 1)) as [
          Images,
          Images,
        ];
        const columns = Array.from({ length: 5 }, (_, x) =>
          horizontal.data.subarray(3 * x, 3 * x + 3).indexOf(1),
        ).filter((x) => x >= 0);
        if (columns[0] === 2) count++;
        expect(columns.toSorted((a, b) => a - b)).toEqual(columns[0] === 2 ? columns.toReversed() : columns);
        expect(rows(out, n, n + 1).data).toEqual(placed(rows(images, n, n + 1), vertical, horizontal, 0.5));
      }
      return count;
    };
    expect(await mirrored(false)).toBe(0);
    // 200 of 400, five standard deviations of 10.
    expect(Math.abs((await mirrored(true)) - 200)).toBeLessThan(50);
  });

  test('331 for 299', async () => {
    const images = filled('photograph', [2, 3, 299, 299]);
    const { out, drawn, output } = await passed(options(299, 331), images);
    expect(output).toEqual({ channels: 3, height: 331, width: 331 });
    for (let n = 0; n < 2; n++) {
      const [vertical, horizontal] = [drawn.vertical, drawn.horizontal].map((t) => rows(t, n, n + 1)) as [
        Images,
        Images,
      ];
      const side = [...vertical.data].filter((v) => v === 1).length;
      expect(side).toBeGreaterThanOrEqual(299);
      expect(side).toBeLessThan(331);
      expect(rows(out, n, n + 1).data).toEqual(placed(rows(images, n, n + 1), vertical, horizontal, 0.5));
    }
  });

  test('a square of the size of the image, and one that is smaller', async () => {
    const images = filled('images', [3, 1, 4, 4]);
    expect((await passed(options(4, 4), images)).out.data).toEqual(images.data);
    const { out } = await passed(options(2, 2), images);
    // Nearest: pixels 0 and 2 of each axis.
    const wanted = [0, 1, 2].flatMap((n) => [0, 2, 8, 10].map((i) => images.data[16 * n + i]));
    expect([...out.data]).toEqual(wanted);
  });
});

describe('brought back to the size of the image', () => {
  test('with odds of 0 nothing changes, to the bit', async () => {
    const images = filled('images', [6, 3, 7, 5]);
    images.data.set([0, 1, 2 ** -126, 1 - 2 ** -24, 1 / 255]);
    const { out, output } = await passed(options(7, 9, { back: true, odds: 0 }), images);
    expect(output).toEqual({ channels: 3, height: 7, width: 5 });
    expect(out).toEqual(images);
  });

  test('as often as the odds say an image changes', async () => {
    const images = filled('images', [400, 1, 4, 4]);
    const { out } = await passed(options(4, 6, { back: true, odds: 0.3 }), images);
    const changed = Array.from({ length: 400 }, (_, n) => n).filter((n) =>
      rows(out, n, n + 1).data.some((v, i) => v !== images.data[16 * n + i]),
    ).length;
    // 120 of 400, five standard deviations of 9.2.
    expect(Math.abs(changed - 120)).toBeLessThan(46);
  });

  test('it is the square, resized linearly by half pixels', async () => {
    const images = filled('images', [10, 2, 4, 4]);
    const how = options(4, 7);
    const square = await passed(how, images);
    const { out } = await passed({ ...how, back: true }, images);
    expect(out.shape).toEqual(images.shape);
    const at = (plane: number, y: number, x: number): number =>
      square.out.data[(plane * 7 + y) * 7 + x] as number;
    const along = (i: number): [low: number, high: number, share: number] => {
      const place = Math.min(Math.max(((i + 0.5) * 7) / 4 - 0.5, 0), 6);
      const low = Math.floor(place);
      return [low, Math.min(low + 1, 6), place - low];
    };
    for (let i = 0; i < sizeOf(out.shape); i++) {
      const plane = Math.floor(i / 16);
      const [y0, y1, v] = along(Math.floor(i / 4) % 4);
      const [x0, x1, h] = along(i % 4);
      const upper = at(plane, y0, x0) * (1 - h) + at(plane, y0, x1) * h;
      const lower = at(plane, y1, x0) * (1 - h) + at(plane, y1, x1) * h;
      expect(out.data[i]).toBeCloseTo(upper * (1 - v) + lower * v, 5);
    }
  });
});

test('a row has the draw of its name and number, whatever the others', async () => {
  const images = filled('images', [4, 3, 6, 6]);
  const whole = await passed(options(6, 9), images);
  const one = await passed(options(6, 9), rows(images, 0, 1));
  expect(one.out.data).toEqual(rows(whole.out, 0, 1).data);
  expect(one.drawn.vertical.data).toEqual(rows(whole.drawn.vertical, 0, 1).data);
  const next = await passed(options(6, 9), images, 1);
  expect(next.out.data).not.toEqual(whole.out.data);
});
