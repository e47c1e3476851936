import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, canvasSize } from './canvas.ts';

/** A blur as a list of neighbours: offsets in samples and weights that sum to 1. */
export interface Blur {
  x: number[];
  y: number[];
  weight: number[];
}

/** The disc of a lens that is out of focus. @param radius in canvas samples */
export function discBlur(radius: number): Blur {
  const blur: Blur = { x: [], y: [], weight: [] };
  const reach = Math.ceil(radius);
  for (let y = -reach; y <= reach; y++)
    for (let x = -reach; x <= reach; x++) {
      const weight = Math.min(1, radius + 0.5 - Math.sqrt(x * x + y * y));
      if (weight <= 0) continue;
      blur.x.push(x);
      blur.y.push(y);
      blur.weight.push(weight);
    }
  return normalised(blur);
}

/** The streak of a camera that moves. @param length in canvas samples @param angle radians */
export function streakBlur(length: number, angle: number): Blur {
  const weights = new Map<string, number>();
  const steps = Math.ceil(2 * length) + 1;
  for (let i = 0; i < steps; i++) {
    const t = (i / (steps - 1 || 1) - 0.5) * length;
    const [x, y] = [t * Math.cos(angle), t * Math.sin(angle)];
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    for (const [dx, dy] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const weight = (1 - Math.abs(x - x0 - dx)) * (1 - Math.abs(y - y0 - dy));
      const key = `${x0 + dx},${y0 + dy}`;
      weights.set(key, (weights.get(key) ?? 0) + weight);
    }
  }
  const blur: Blur = { x: [], y: [], weight: [] };
  for (const [key, weight] of weights) {
    if (weight < 1e-6) continue;
    const [x, y] = key.split(',').map(Number) as [number, number];
    blur.x.push(x);
    blur.y.push(y);
    blur.weight.push(weight);
  }
  return normalised(blur);
}

function normalised(blur: Blur): Blur {
  const sum = blur.weight.reduce((a, b) => a + b, 0);
  return { ...blur, weight: blur.weight.map((w) => w / sum) };
}

/** Blurs one plane; beyond the canvas its border goes on. */
export function blurred(plane: Float32Array, blur: Blur): Float32Array {
  const size = canvasSize;
  const out = new Float32Array(plane.length);
  for (let k = 0; k < blur.weight.length; k++) {
    const weight = blur.weight[k] as number;
    const dx = blur.x[k] as number;
    const dy = blur.y[k] as number;
    const from = Math.max(0, -dx);
    const to = Math.min(size, size - dx);
    for (let y = 0; y < size; y++) {
      const row = Math.min(size - 1, Math.max(0, y + dy)) * size;
      const at = y * size;
      for (let x = 0; x < from; x++) out[at + x] = (out[at + x] as number) + weight * (plane[row] as number);
      for (let x = from; x < to; x++)
        out[at + x] = (out[at + x] as number) + weight * (plane[row + x + dx] as number);
      for (let x = to; x < size; x++)
        out[at + x] = (out[at + x] as number) + weight * (plane[row + size - 1] as number);
    }
  }
  return out;
}

export function blurCanvas(canvas: Canvas, blur: Blur): void {
  canvas.r = blurred(canvas.r, blur);
  canvas.g = blurred(canvas.g, blur);
  canvas.b = blurred(canvas.b, blur);
}

/** Two box blurs, across and down, of a whole radius in samples: for what is far out of focus. */
export function soften(canvas: Canvas, radius: number): void {
  for (const plane of [canvas.r, canvas.g, canvas.b]) {
    const turned = new Float32Array(plane.length);
    for (let pass = 0; pass < 2; pass++) {
      boxTransposed(plane, turned, radius);
      boxTransposed(turned, plane, radius);
    }
  }
}

/** Rows averaged over 2 radius + 1 samples and written as columns. */
function boxTransposed(from: Float32Array, to: Float32Array, radius: number): void {
  const size = canvasSize;
  const share = 1 / (2 * radius + 1);
  for (let y = 0; y < size; y++) {
    const row = y * size;
    const last = row + size - 1;
    let sum = (from[row] as number) * radius;
    for (let k = 0; k <= radius; k++) sum += from[row + k] as number;
    for (let x = 0; x < size; x++) {
      to[x * size + y] = sum * share;
      sum += from[Math.min(last, row + x + radius + 1)] as number;
      sum -= from[Math.max(row, row + x - radius)] as number;
    }
  }
}

/** The plane averaged over the cells of a coarser square grid that covers it. */
export function binned(plane: Float32Array, from: number, to: number): Float32Array {
  const rows = new Float32Array(from * to);
  const scale = from / to;
  for (let i = 0; i < to; i++) {
    const low = i * scale;
    const high = low + scale;
    for (let k = Math.floor(low); k < high; k++) {
      const part = (Math.min(high, k + 1) - Math.max(low, k)) / scale;
      const at = Math.min(from - 1, k) * from;
      for (let x = 0; x < from; x++)
        rows[i * from + x] = (rows[i * from + x] as number) + part * (plane[at + x] as number);
    }
  }
  const out = new Float32Array(to * to);
  for (let i = 0; i < to; i++) {
    const low = i * scale;
    const high = low + scale;
    for (let k = Math.floor(low); k < high; k++) {
      const part = (Math.min(high, k + 1) - Math.max(low, k)) / scale;
      const at = Math.min(from - 1, k);
      for (let y = 0; y < to; y++)
        out[y * to + i] = (out[y * to + i] as number) + part * (rows[y * from + at] as number);
    }
  }
  return out;
}

/** Noise of a sensor. */
export interface Grain {
  /** Variance per unit of light: photons. */
  shot: number;
  /** Standard deviation in the dark. */
  read: number;
  /** How much the noise of neighbours is smoothed, in [0,1]. */
  smooth: number;
  /** Colour noise against brightness noise. */
  chroma: number;
}

/** Adds noise to planes of light, in which white paper in mid light is near 0.5. */
export function addGrain(
  planes: readonly [Float32Array, Float32Array, Float32Array],
  size: number,
  grain: Grain,
  random: RandomStream,
): void {
  const luma = smoothed(bell(size * size, random), size, grain.smooth);
  for (const [c, plane] of planes.entries()) {
    const chroma = smoothed(bell(size * size, random), size, Math.min(1, grain.smooth + 0.4));
    // Red and blue pixels are rarer and weaker.
    const share = grain.chroma * (c === 1 ? 0.6 : 1.1);
    for (let i = 0; i < plane.length; i++) {
      const light = Math.max(0, plane[i] as number);
      const sigma = Math.sqrt(grain.shot * light + grain.read * grain.read);
      plane[i] = light + sigma * ((luma[i] as number) + share * (chroma[i] as number));
    }
  }
}

/** Nearly normal numbers: sums of four bytes, which are the same on every machine. */
function bell(count: number, random: RandomStream): Float32Array {
  const out = new Float32Array(count);
  const scale = 1 / Math.sqrt((4 * (256 * 256 - 1)) / 12);
  for (let i = 0; i < count; i++) {
    const bits = random.uint32();
    out[i] = ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) * scale;
  }
  return out;
}

/** A 3 x 3 blur of strength `amount`, brought back to unit variance. */
function smoothed(plane: Float32Array, size: number, amount: number): Float32Array {
  const side = amount / 4;
  const middle = 1 - 2 * side;
  const out = new Float32Array(plane.length);
  const pass = new Float32Array(plane.length);
  const norm = 1 / (middle * middle + 2 * side * side);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const left = plane[x > 0 ? at - 1 : at] as number;
      const right = plane[x < size - 1 ? at + 1 : at] as number;
      pass[at] = middle * (plane[at] as number) + side * (left + right);
    }
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const above = pass[y > 0 ? at - size : at] as number;
      const below = pass[y < size - 1 ? at + size : at] as number;
      out[at] = norm * (middle * (pass[at] as number) + side * (above + below));
    }
  return out;
}

/** Light to levels in [0,1]: a shoulder above 0.7, the sRGB curve, then contrast about the middle. */
export function develop(light: number, contrast: number): number {
  const x = Math.max(0, light);
  const soft = x < 0.7 ? x : 0.7 + 0.3 * (1 - 1 / (1 + (x - 0.7) / 0.3));
  const v = soft <= 0.0031308 ? 12.92 * soft : 1.055 * soft ** (1 / 2.4) - 0.055;
  return Math.min(1, Math.max(0, v + contrast * v * (1 - v) * (2 * v - 1)));
}

/** An unsharp mask as cameras apply: halos along edges. */
export function sharpen(plane: Float32Array, size: number, amount: number): Float32Array {
  const out = new Float32Array(plane.length);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const value = plane[at] as number;
      const mean =
        ((plane[x > 0 ? at - 1 : at] as number) +
          (plane[x < size - 1 ? at + 1 : at] as number) +
          (plane[y > 0 ? at - size : at] as number) +
          (plane[y < size - 1 ? at + size : at] as number)) /
        4;
      out[at] = value + amount * (value - mean);
    }
  return out;
}

/**
 * A square part of a picture brought to another size: Catmull-Rom, clamped at the borders.
 * @param data levels, rows of pixels of three channels
 * @param from place of the part's first pixel and its size, in pixels of the picture
 */
export function resampled(
  data: Uint8Array,
  size: number,
  from: { x: number; y: number; size: number },
  to: number,
): Uint8Array {
  const out = new Uint8Array(to * to * 3);
  const scale = from.size / to;
  const taps = (start: number): { index: Int32Array; weight: Float32Array } => {
    const index = new Int32Array(to * 4);
    const weight = new Float32Array(to * 4);
    for (let i = 0; i < to; i++) {
      const u = start + (i + 0.5) * scale - 0.5;
      const base = Math.floor(u);
      const t = u - base;
      const cubic = [
        t * (-0.5 + t * (1 - 0.5 * t)),
        1 + t * t * (-2.5 + 1.5 * t),
        t * (0.5 + t * (2 - 1.5 * t)),
        t * t * (-0.5 + 0.5 * t),
      ];
      for (let k = 0; k < 4; k++) {
        index[i * 4 + k] = Math.min(size - 1, Math.max(0, base - 1 + k));
        weight[i * 4 + k] = cubic[k] as number;
      }
    }
    return { index, weight };
  };
  const across = taps(from.x);
  const down = taps(from.y);
  for (let y = 0; y < to; y++)
    for (let x = 0; x < to; x++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let j = 0; j < 4; j++) {
          let line = 0;
          const row = (down.index[y * 4 + j] as number) * size;
          for (let k = 0; k < 4; k++)
            line +=
              (across.weight[x * 4 + k] as number) *
              (data[(row + (across.index[x * 4 + k] as number)) * 3 + c] as number);
          sum += (down.weight[y * 4 + j] as number) * line;
        }
        out[(y * to + x) * 3 + c] = Math.min(255, Math.max(0, Math.round(sum)));
      }
  return out;
}
