import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, type Colour, canvasSize, each, glow, margin, oversampling, post } from './canvas.ts';
import { about, between, chance, noiseSeed, pick } from './draws.ts';
import { noiseField } from './noise.ts';
import { makePlate, type Plate, plateSize } from './plate.ts';
import { inverse, normalOf, type Placement, poseOf } from './pose.ts';

/** How a plate mirrors. */
export interface Gloss {
  /** Share of the sky that the sheeting mirrors. */
  mirror: number;
  /** Height of the sun's blurred image on it. */
  highlight: number;
  /** How bright the bevelled rim is. */
  rim: number;
  /** How even it is: dents, as a share of the light. */
  dents: number;
  seed: number;
}

export const matt: Gloss = { mirror: 0, highlight: 0, rim: 0, dents: 0, seed: 0 };

export function drawGloss(random: RandomStream): Gloss {
  return {
    mirror: between(random, 0, 0.14),
    highlight: chance(random, 0.4) ? between(random, 0.05, 0.5) : 0,
    rim: between(random, 0, 0.35),
    dents: between(random, 0.02, 0.22),
    seed: noiseSeed(random),
  };
}

const half = plateSize / 2;

/**
 * Hangs a plate on the canvas.
 * @param mark receives how much of each sample is plate
 */
export function hang(
  canvas: Canvas,
  plate: Plate,
  placement: Placement,
  gloss: Gloss,
  mark?: Float32Array,
): void {
  const { light } = canvas;
  const { homography, corners } = poseOf(placement);
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = inverse(homography);
  const normal = normalOf(placement);
  const facing =
    normal[0] * light.direction[0] + normal[1] * light.direction[1] + normal[2] * light.direction[2];
  const lit = Math.max(0, facing);
  // The mirrored ray of the line of sight (0, 0, 1), and how near to the sun it goes.
  const mirrored = [
    -2 * normal[2] * normal[0],
    -2 * normal[2] * normal[1],
    1 - 2 * normal[2] * normal[2],
  ] as const;
  const near =
    mirrored[0] * light.direction[0] + mirrored[1] * light.direction[1] + mirrored[2] * light.direction[2];
  const uneven = noiseField(plateSize, plateSize, { seed: gloss.seed, cell: 50, octaves: 2 });
  const sample = (pixel: number) => (pixel + margin) * oversampling;
  const xs = corners.map(([x]) => sample(x));
  const ys = corners.map(([, y]) => sample(y));
  each(
    Math.min(...xs) - 1,
    Math.min(...ys) - 1,
    Math.max(...xs) + 1,
    Math.max(...ys) + 1,
    (at, column, row) => {
      const px = (column + 0.5) / oversampling - margin;
      const py = (row + 0.5) / oversampling - margin;
      const w = m6 * px + m7 * py + m8;
      const u = (m0 * px + m1 * py + m2) / w;
      const v = (m3 * px + m4 * py + m5) / w;
      const tx = (u + 1) * half - 0.5;
      const ty = (v + 1) * half - 0.5;
      if (!(tx >= 0 && ty >= 0 && tx < plateSize - 1 && ty < plateSize - 1)) return;
      const x0 = Math.floor(tx);
      const y0 = Math.floor(ty);
      const fx = tx - x0;
      const fy = ty - y0;
      const i = y0 * plateSize + x0;
      const alpha = bilinear(plate.cover, i, fx, fy);
      if (alpha <= 0) return;
      const dent = (uneven[i] as number) - 0.5;
      const even = 1 + gloss.dents * 2 * dent;
      const sun = lit * even * (canvas.shadow[at] as number);
      const back = light.headlights * bilinear(plate.retro, i, fx, fy) * (0.8 + 0.4 * even);
      // The sheeting's sheen: sky above, ground below, and the sun's image where the plate is turned to it.
      const up = 0.5 - 0.5 * v * even - 2.5 * mirrored[1];
      const sky = gloss.mirror * Math.min(1, Math.max(0, up));
      const spot =
        gloss.highlight * Math.max(0, near + 0.12 * (u * mirrored[0] - v * 0.6) + 0.04 * dent) ** 14 * sun;
      const bevel = alpha < 0.98 ? gloss.rim * (1 - alpha) : 0;
      const shade = (c: 0 | 1 | 2, surface: number) =>
        surface * (light.ambient[c] * even + light.sun[c] * sun + back) +
        sky * light.horizon[c] +
        (spot + bevel * lit) * light.sun[c];
      glow(
        canvas,
        at,
        alpha,
        shade(0, bilinear(plate.r, i, fx, fy)),
        shade(1, bilinear(plate.g, i, fx, fy)),
        shade(2, bilinear(plate.b, i, fx, fy)),
      );
      if (mark !== undefined) mark[at] = Math.max(mark[at] as number, alpha);
    },
  );
}

function bilinear(plane: Float32Array, i: number, fx: number, fy: number): number {
  const a = plane[i] as number;
  const c = plane[i + plateSize] as number;
  const top = a + fx * ((plane[i + 1] as number) - a);
  const bottom = c + fx * ((plane[i + plateSize + 1] as number) - c);
  return top + fy * (bottom - top);
}

/** The post that the sign is on. */
export function mount(canvas: Canvas, random: RandomStream, placement: Placement): void {
  const { x, y, radius, roll } = placement;
  const grey = between(random, 0.16, 0.4);
  const colour: Colour = [grey, grey, grey * 1.04];
  const lean = [-Math.sin(roll), Math.cos(roll)] as const;
  const from = chance(random, 0.35) ? -1.15 * radius : 0.2 * radius;
  const at = (along: number): [number, number] => [
    (x + along * lean[0] + margin) * oversampling,
    (y + along * lean[1] + margin) * oversampling,
  ];
  post(canvas, at(from), at(canvasSize), radius * between(random, 0.06, 0.14) * oversampling, colour);
}

/** Other signs: on the same post above or below, or further off. */
export function neighbours(
  canvas: Canvas,
  random: RandomStream,
  placement: Placement,
  classes: number,
): void {
  const own = placement.radius;
  const other = (place: Placement): void => {
    const plate = makePlate(random.integer(classes), random.integer(3), between(random, 0, 0.7));
    hang(canvas, plate, place, matt);
  };
  if (chance(random, 0.3)) {
    const side = pick(random, [-1, 1, 1]);
    if (chance(random, 0.5)) extraPlate(canvas, random, placement);
    else {
      const along = side * own * between(random, 1.98, 2.15);
      other({ ...placement, x: placement.x - along * Math.sin(placement.roll), y: placement.y + along });
    }
  }
  if (chance(random, 0.16)) {
    const radius = own * between(random, 0.4, 0.95);
    const side = random.sign();
    const x = side > 0 ? 64 + radius * between(random, 0, 0.6) : -radius * between(random, 0, 0.6);
    const y = between(random, 0, 64);
    const apart = Math.sqrt((x - placement.x) ** 2 + (y - placement.y) ** 2);
    if (apart > radius + own)
      other({ ...placement, x, y, radius, yaw: placement.yaw + about(random, 0, 0.4, 0.8) });
  }
}

/** A white board with lines of text below the sign. */
function extraPlate(canvas: Canvas, random: RandomStream, placement: Placement): void {
  const flat = (value: number) => new Float32Array(plateSize * plateSize).fill(value);
  const plate: Plate = { r: flat(0.7), g: flat(0.7), b: flat(0.68), cover: flat(0), retro: flat(0.8) };
  const high = between(random, 0.28, 0.55);
  const lines = 1 + random.integer(2);
  const letters = noiseField(plateSize, 4, { seed: noiseSeed(random), cell: 6, octaves: 2 });
  for (let row = 0; row < plateSize; row++)
    for (let column = 0; column < plateSize; column++) {
      const at = row * plateSize + column;
      const u = Math.abs(column + 0.5 - half) / half;
      const v = (row + 0.5) / half / high;
      plate.cover[at] = v < 2 && u < 0.92 ? 1 : 0;
      const line = (v / 2) * (lines + 0.4) - 0.2;
      const inLine = Math.abs(line - Math.floor(line) - 0.5) < 0.28 && line > 0 && line < lines;
      const black = u > 0.88 || v < 0.08 || v > 1.92;
      const text = inLine && u < 0.7 && (letters[Math.floor(line) * plateSize + column] as number) > 0.48;
      if (!black && !text) continue;
      plate.r[at] = plate.g[at] = plate.b[at] = 0.03;
      plate.retro[at] = 0;
    }
  const down = placement.radius * 2.02;
  hang(
    canvas,
    plate,
    { ...placement, x: placement.x - down * Math.sin(placement.roll), y: placement.y + down },
    matt,
  );
}
