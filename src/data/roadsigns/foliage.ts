import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, type Colour, canvasSize, each, glow, leaf, put } from './canvas.ts';
import { about, between, chance, noiseSeed, pick } from './draws.ts';
import { noiseField, step } from './noise.ts';

const size = canvasSize;

/** Linear reflectance of leaves: spring, summer, olive, autumn, conifer, bare twigs. */
export const greens: readonly Colour[] = [
  [0.11, 0.17, 0.03],
  [0.06, 0.11, 0.025],
  [0.085, 0.1, 0.04],
  [0.2, 0.12, 0.03],
  [0.035, 0.06, 0.03],
  [0.1, 0.085, 0.065],
];

/** Far trees: a ragged outline over what is there. Heights are shares of the canvas. */
export function treeline(canvas: Canvas, random: RandomStream, top: number, rise: number): void {
  const outline = noiseField(size, 1, {
    seed: noiseSeed(random),
    cell: between(random, 30, 90),
    octaves: 5,
    gain: 0.6,
  });
  const texture = noiseField(size, size, {
    seed: noiseSeed(random),
    cell: between(random, 14, 36),
    octaves: 5,
    gain: 0.75,
  });
  const colour = pick(random, greens);
  const far = between(random, 0, 0.35);
  const { horizon } = canvas.light;
  for (let x = 0; x < size; x++) {
    const y0 = (top - rise * ((outline[x] as number) - 0.5) * 2) * size;
    for (let y = Math.max(0, Math.floor(y0 - 3)); y < size; y++) {
      const at = y * size + x;
      const t = texture[at] as number;
      const alpha = step(-3, 3, y - y0 + 6 * (t - 0.5));
      if (alpha === 0) continue;
      const open = 0.25 + 1.3 * step(0.2, 0.95, t);
      put(canvas, at, alpha, colour, open * (0.25 + 0.5 * canvas.light.onWalls), open);
      glow(canvas, at, alpha * far, horizon[0] * 0.7, horizon[1] * 0.7, horizon[2] * 0.7);
    }
  }
}

/** Near trees: heaps of leaves, dark inside and light on the side of the sun. */
export function crowns(
  canvas: Canvas,
  random: RandomStream,
  { count, y }: { count: number; y: number },
): void {
  for (let n = 0; n < count; n++) {
    const colour = pick(random, greens);
    const length = between(random, 1.6, 4.5);
    const cx = between(random, -0.1, 1.1) * size;
    const cy = y * size + about(random, 0, 18, 40);
    const reach = between(random, 22, 60);
    const lumps = 3 + random.integer(4);
    for (let k = 0; k < lumps; k++)
      lump(canvas, random, {
        x: cx + about(random, 0, reach * 0.5, reach),
        y: cy + about(random, 0, reach * 0.4, reach),
        radius: reach * between(random, 0.35, 0.7),
        length,
        colour,
      });
  }
}

function lump(
  canvas: Canvas,
  random: RandomStream,
  { x, y, radius, length, colour }: { x: number; y: number; radius: number; length: number; colour: Colour },
): void {
  const { direction } = canvas.light;
  const leaves = Math.min(260, Math.round((1.1 * radius * radius) / (length * length)));
  const grow = leaves < 260 ? 1 : Math.sqrt((1.1 * radius * radius) / (260 * length * length));
  each(x - radius, y - radius, x + radius, y + radius, (at, px, py) => {
    const d = ((px - x) ** 2 + (py - y) ** 2) / (radius * radius);
    if (d < 1) put(canvas, at, 1 - step(0.35, 1, d), colour, 0.05, 0.3);
  });
  for (let i = 0; i < leaves; i++) {
    const turn = between(random, 0, 2 * Math.PI);
    const away = radius * Math.sqrt(random.uniform()) * about(random, 1, 0.12, 0.3);
    const [dx, dy] = [(away * Math.cos(turn)) / radius, (away * Math.sin(turn)) / radius];
    // The first leaves lie deep inside, the last on the outside.
    const depth = i / leaves;
    const facing = 0.5 + 0.5 * (dx * direction[0] + dy * direction[1]);
    const vary = between(random, 0.55, 1.5);
    const hue = between(random, -0.15, 0.3);
    leaf(
      canvas,
      x + dx * radius,
      y + dy * radius,
      {
        angle: between(random, 0, Math.PI),
        length: length * grow * between(random, 0.7, 1.5),
        width: length * grow * between(random, 0.35, 0.8),
      },
      [colour[0] * vary * (1 + hue), colour[1] * vary, colour[2] * vary],
      facing * (0.2 + 0.8 * depth) * between(random, 0.1, 1.3),
      0.3 + 0.7 * depth * between(random, 0.4, 1),
    );
  }
}

/** Leaves from border to border. */
export function hedge(canvas: Canvas, random: RandomStream): void {
  const texture = noiseField(size, size, {
    seed: noiseSeed(random),
    cell: between(random, 18, 50),
    octaves: 5,
    gain: 0.8,
  });
  const colour = pick(random, greens);
  each(0, 0, size, size, (at) => {
    const t = step(0.15, 0.95, texture[at] as number);
    put(canvas, at, 1, colour, t * canvas.light.onWalls * 0.8, 0.15 + 1.1 * t);
  });
  crowns(canvas, random, { count: 3, y: 0.5 });
  if (chance(random, 0.5)) skyHoles(canvas, random);
}

/** Bright gaps between leaves. */
function skyHoles(canvas: Canvas, random: RandomStream): void {
  const { horizon } = canvas.light;
  const gaps = noiseField(size, size, { seed: noiseSeed(random), cell: 18, octaves: 4, gain: 0.8 });
  const level = between(random, 0.68, 0.9);
  each(0, 0, size, size, (at) => {
    const alpha = 0.85 * step(level, level + 0.12, gaps[at] as number);
    if (alpha > 0) glow(canvas, at, alpha, horizon[0], horizon[1], horizon[2]);
  });
}
