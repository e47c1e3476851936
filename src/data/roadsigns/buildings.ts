import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, type Colour, canvasSize, each, glow, put } from './canvas.ts';
import { about, between, chance, noiseSeed, pick } from './draws.ts';
import { lattice, noiseField, step } from './noise.ts';

const size = canvasSize;

/** Plaster, brick, concrete, paint. */
const walls: readonly Colour[] = [
  [0.5, 0.46, 0.38],
  [0.28, 0.11, 0.075],
  [0.33, 0.32, 0.3],
  [0.6, 0.59, 0.56],
  [0.48, 0.34, 0.16],
  [0.2, 0.15, 0.12],
  [0.36, 0.4, 0.42],
];
const roofs: readonly Colour[] = [
  [0.16, 0.065, 0.045],
  [0.06, 0.06, 0.065],
  [0.12, 0.1, 0.09],
];

const curtain: Colour = [0.3, 0.29, 0.27];
const room: Colour = [0.03, 0.032, 0.035];

/** A house front with rows of windows, seen at an angle. @param top of the wall, as a share of the canvas */
export function building(canvas: Canvas, random: RandomStream, top: number): void {
  const width = between(random, 0.45, 1.6) * size;
  const left = between(random, -0.6, 0.8) * size;
  const wallColour = pick(random, walls);
  const trim: Colour = chance(random, 0.6) ? [0.55, 0.55, 0.53] : [0.12, 0.1, 0.09];
  const slope = about(random, 0, 0.16, 0.35);
  const pitch = between(random, 18, 46);
  const floor = pitch * between(random, 0.9, 1.6);
  const [windowWidth, windowHeight] = [between(random, 0.32, 0.6), between(random, 0.4, 0.65)];
  const roof = chance(random, 0.6) ? between(random, 4, 26) : 0;
  const roofColour = pick(random, roofs);
  const grain = noiseField(size, size, { seed: noiseSeed(random), cell: 36, octaves: 5, gain: 0.6 });
  const panes = noiseSeed(random);
  const lit = canvas.light.onWalls * between(random, 0.2, 1.1);
  const courses = chance(random, 0.4) ? between(random, 2.2, 4) : 0;
  const y0 = top * size;
  const { horizon, weather } = canvas.light;
  each(left, y0 - roof - 40, left + width, size, (at, x, y) => {
    // Levels run to a vanishing point: heights are measured along a shear.
    const v = y - y0 - slope * (x - left) * (1 - (y - y0) / (2 * size));
    if (v < -roof) return;
    if (v < 0) {
      put(canvas, at, 1, roofColour, lit * 0.8, 0.8 + 0.4 * (grain[at] as number));
      return;
    }
    const rough = 0.75 + 0.5 * (grain[at] as number);
    const joint = courses > 0 && v % courses < 0.8 ? 0.8 : 1;
    const eave = 0.55 + 0.45 * step(0, 6, v);
    const tone = rough * joint;
    put(canvas, at, 1, wallColour, lit * eave, eave, tone);
    const column = Math.floor((x - left) / pitch);
    const row = Math.floor((v - 5) / floor);
    if (row < 0) return;
    const u = Math.abs((x - left) / pitch - column - 0.5) * 2;
    const w = Math.abs((v - 5) / floor - row - 0.5) * 2;
    if (u > windowWidth + 0.1 || w > windowHeight + 0.1) return;
    put(canvas, at, 1, trim, lit * eave, eave);
    if (u > windowWidth || w > windowHeight || u < 0.04) return;
    // Glass shows a dark room, a curtain, or the sky.
    const shows = lattice(column, row, panes);
    put(canvas, at, 1, shows < 0.25 ? curtain : room, 0, 0.7);
    const mirror = shows > 0.55 ? 0.1 + 0.5 * (shows - 0.55) : 0.05;
    glow(canvas, at, mirror, horizon[0], horizon[1], horizon[2]);
    if (weather === 'dusk' && shows > 0.7) glow(canvas, at, 0.8, 0.5, 0.33, 0.14);
  });
}

/** A wall near by: courses of brick, or stained concrete. */
export function wall(canvas: Canvas, random: RandomStream): void {
  const colour = pick(random, walls);
  const brick = chance(random, 0.5);
  const stains = noiseField(size, size, {
    seed: noiseSeed(random),
    cell: between(random, 20, 70),
    cellDown: between(random, 40, 140),
    octaves: 6,
    gain: 0.6,
  });
  const height = between(random, 5, 11);
  const length = height * 2.6;
  const seed = noiseSeed(random);
  const slope = about(random, 0, 0.12, 0.3);
  each(0, 0, size, size, (at, x, y) => {
    let tone = 0.5 + (stains[at] as number);
    const v = y + slope * x;
    const row = Math.floor(v / height);
    const u = x / length + 0.5 * (row & 1);
    if (brick) {
      const joint = Math.min(v / height - row, (u - Math.floor(u)) * 2.6) * height < 1.2;
      tone *= joint ? 1.35 : 0.75 + 0.5 * lattice(Math.floor(u), row, seed);
    }
    put(canvas, at, 1, colour, canvas.light.onWalls, 1, tone);
  });
}
