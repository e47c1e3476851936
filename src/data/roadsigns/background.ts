import type { RandomStream } from '../../tensor/index.ts';
import { building, wall } from './buildings.ts';
import { type Canvas, type Colour, canvasSize, each, glow, post, put } from './canvas.ts';
import { about, between, chance, noiseSeed, pick } from './draws.ts';
import { crowns, hedge, treeline } from './foliage.ts';
import { noiseField, step } from './noise.ts';
import { vehicle } from './vehicle.ts';

const size = canvasSize;

const plain: Colour = [0.3, 0.3, 0.3];

/** Paints what is behind the sign; without a stream an even grey. */
export function paintBackground(canvas: Canvas, random: RandomStream | undefined): void {
  if (random === undefined) {
    each(0, 0, size, size, (at) => put(canvas, at, 1, plain, canvas.light.onWalls));
    return;
  }
  const kind = random.uniform();
  paintSky(canvas, random);
  if (kind < 0.17) openSky(canvas, random);
  else if (kind < 0.42) woods(canvas, random);
  else if (kind < 0.68) street(canvas, random);
  else if (kind < 0.87) road(canvas, random);
  else if (chance(random, 0.5)) hedge(canvas, random);
  else wall(canvas, random);
  if (chance(random, 0.2)) wires(canvas, random);
  if (chance(random, 0.22)) lamp(canvas, random);
}

function paintSky(canvas: Canvas, random: RandomStream): void {
  const { zenith, horizon, weather } = canvas.light;
  const middle = between(random, 0.2, 1.1);
  const spread = between(random, 0.5, 1.5);
  const clouds = noiseField(size, size, {
    seed: noiseSeed(random),
    cell: between(random, 50, 120),
    cellDown: between(random, 25, 60),
    octaves: 5,
    gain: 0.52,
  });
  const level = between(random, 0.3, 0.8);
  const white = weather === 'sunny' ? between(random, 0.75, 1.2) : weather === 'dusk' ? 0.16 : 1.05;
  const area = size * size;
  for (let at = 0; at < area; at++) {
    const t = step(-spread, spread, Math.floor(at / size) / size - middle);
    const cloud = clouds[at] as number;
    const shade = weather === 'overcast' ? 0.72 + 0.56 * cloud : 0.96 + 0.08 * cloud;
    const r = (zenith[0] + t * (horizon[0] - zenith[0])) * shade;
    const g = (zenith[1] + t * (horizon[1] - zenith[1])) * shade;
    const b = (zenith[2] + t * (horizon[2] - zenith[2])) * shade;
    glow(canvas, at, 1, r, g, b);
    if (weather === 'overcast') continue;
    const lit = white * (0.7 + 0.5 * cloud);
    glow(canvas, at, 0.85 * step(level, level + 0.22, cloud), lit, lit * 0.99, lit * 0.98);
  }
}

function openSky(canvas: Canvas, random: RandomStream): void {
  if (chance(random, 0.55)) treeline(canvas, random, between(random, 0.65, 1), between(random, 0.1, 0.3));
  if (chance(random, 0.3)) building(canvas, random, between(random, 0.55, 0.9));
  if (chance(random, 0.35)) crowns(canvas, random, { count: 1, y: between(random, 0.7, 1.1) });
}

function woods(canvas: Canvas, random: RandomStream): void {
  treeline(canvas, random, between(random, 0.0, 0.5), between(random, 0.1, 0.35));
  crowns(canvas, random, { count: 1 + random.integer(4), y: between(random, 0.2, 0.8) });
  if (chance(random, 0.5)) trunks(canvas, random);
  if (chance(random, 0.35)) ground(canvas, random, between(random, 0.72, 0.95));
}

function street(canvas: Canvas, random: RandomStream): void {
  if (chance(random, 0.4)) treeline(canvas, random, between(random, 0.3, 0.6), 0.2);
  building(canvas, random, between(random, -0.2, 0.45));
  if (chance(random, 0.35)) building(canvas, random, between(random, 0.1, 0.6));
  const foot = between(random, 0.7, 1.15);
  if (foot < 1) ground(canvas, random, foot);
  if (chance(random, 0.4)) vehicle(canvas, random, Math.min(foot + 0.08, 1.02));
  if (chance(random, 0.4))
    crowns(canvas, random, { count: 1 + random.integer(2), y: between(random, 0.1, 0.9) });
}

function road(canvas: Canvas, random: RandomStream): void {
  const foot = between(random, 0.5, 0.85);
  if (chance(random, 0.8))
    treeline(canvas, random, foot - between(random, 0.04, 0.3), between(random, 0.05, 0.2));
  if (chance(random, 0.3)) building(canvas, random, foot - between(random, 0.15, 0.35));
  ground(canvas, random, foot);
  if (chance(random, 0.35)) vehicle(canvas, random, foot + between(random, 0.05, 0.2));
  if (chance(random, 0.3)) crowns(canvas, random, { count: 1, y: foot - between(random, 0.1, 0.4) });
  if (chance(random, 0.2)) trunks(canvas, random);
}

const greys: readonly Colour[] = [
  [0.09, 0.09, 0.092],
  [0.13, 0.128, 0.125],
  [0.19, 0.185, 0.175],
];
const marking: Colour = [0.5, 0.5, 0.48];
const verges: readonly Colour[] = [
  [0.09, 0.13, 0.035],
  [0.14, 0.15, 0.055],
  [0.2, 0.18, 0.09],
];

/** Asphalt with markings and a verge, below a height given as a share of the canvas. */
function ground(canvas: Canvas, random: RandomStream, foot: number): void {
  const grain = noiseField(size, size, {
    seed: noiseSeed(random),
    cell: 40,
    cellDown: 9,
    octaves: 5,
    gain: 0.7,
  });
  const asphalt = pick(random, greys);
  const verge = pick(random, verges);
  const top = foot * size;
  const vanish = between(random, -0.4, 1.4) * size;
  const rise = top - between(random, 6, 40);
  const kerb = about(random, 0, 1.1, 2.4);
  const side = random.sign();
  const lines = chance(random, 0.6) ? [kerb + side * 0.25, kerb + side * 2.2] : [];
  const up = Math.max(0.1, -canvas.light.direction[1]);
  each(0, top - 1, size, size, (at, x, y) => {
    const alpha = Math.min(1, y - top + 1);
    const depth = Math.max(1, y - rise);
    // Across the road in units of the height of the camera.
    const across = (x - vanish) / depth;
    const rough = 0.55 + 0.9 * (grain[at] as number);
    const onRoad = step(-0.06, 0.06, side * (across - kerb));
    put(canvas, at, alpha, verge, up, 1, rough);
    put(canvas, at, alpha * onRoad, asphalt, up, 1, rough);
    for (const line of lines) {
      const paint = (1 - step(0.03, 0.09, Math.abs(across - line))) * onRoad;
      if (paint > 0) put(canvas, at, alpha * paint * 0.8, marking, up);
    }
  });
}

function trunks(canvas: Canvas, random: RandomStream): void {
  for (let n = 1 + random.integer(3); n > 0; n--) {
    const x = between(random, 0, size);
    const dark = between(random, 0.5, 1.5);
    const colour: Colour = [0.075 * dark, 0.06 * dark, 0.045 * dark];
    post(canvas, [x, -2], [x + about(random, 0, 8, 20), size + 2], between(random, 1.5, 8), colour);
  }
}

function lamp(canvas: Canvas, random: RandomStream): void {
  const x = between(random, 0, size);
  const grey = between(random, 0.08, 0.4);
  const top = chance(random, 0.5) ? -2 : between(random, 0, 60);
  post(canvas, [x, top], [x, size + 2], between(random, 0.8, 3), [grey, grey, grey * 1.03]);
}

function wires(canvas: Canvas, random: RandomStream): void {
  for (let n = 1 + random.integer(3); n > 0; n--) {
    const y = between(random, -20, size * 0.7);
    const slope = about(random, 0, 25, 60);
    post(canvas, [-2, y], [size + 2, y + slope], between(random, 0.35, 0.7), [0.03, 0.03, 0.03]);
  }
}
