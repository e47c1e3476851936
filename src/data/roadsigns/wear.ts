import type { RandomStream } from '../../tensor/index.ts';
import type { Colour } from './canvas.ts';
import { about, between, chance, noiseSeed, pick } from './draws.ts';
import { noiseField, step } from './noise.ts';
import { edge, type Plate, paintPlate, plateSize } from './plate.ts';
import { box, disc, type Shape } from './shapes.ts';

/** Splashes from below, streaks from above, moss and rust at the rim. */
export function addDirt(plate: Plate, random: RandomStream): void {
  const amount = between(random, 0, 1) ** 2;
  const colour = pick<Colour>(random, [
    [0.12, 0.095, 0.065],
    [0.06, 0.06, 0.055],
    [0.07, 0.09, 0.035],
    [0.18, 0.08, 0.03],
  ]);
  const spots = noiseField(plateSize, plateSize, {
    seed: noiseSeed(random),
    cell: between(random, 14, 50),
    octaves: 5,
    gain: 0.7,
  });
  const streaks = noiseField(plateSize, plateSize, {
    seed: noiseSeed(random),
    cell: 7,
    cellDown: 90,
    octaves: 3,
  });
  const low = between(random, 0.45, 0.75);
  const fromBelow = chance(random, 0.5) ? 0.35 : 0;
  paintPlate(plate, colour, { x: 0, y: 0, reach: 1 }, (x, y) => {
    const at = (Math.round((y + 1) * 64 - 0.5) * plateSize + Math.round((x + 1) * 64 - 0.5)) | 0;
    const spot = step(low - fromBelow * y, low + 0.3 - fromBelow * y, spots[at] as number);
    const streak = 0.45 * step(0.5, 0.9, streaks[at] as number);
    return amount * Math.min(0.62, 0.06 + 0.55 * spot + streak);
  });
}

const stickerColours: readonly Colour[] = [
  [0.75, 0.75, 0.72],
  [0.02, 0.02, 0.02],
  [0.7, 0.55, 0.05],
  [0.05, 0.2, 0.5],
  [0.5, 0.05, 0.08],
  [0.06, 0.35, 0.1],
  [0.6, 0.25, 0.4],
];

/** None to three stickers with a second colour on them, and now and then a sprayed line. */
export function addStickers(plate: Plate, random: RandomStream): void {
  const count = chance(random, 0.62) ? 0 : 1 + random.integer(3);
  for (let n = 0; n < count; n++) {
    const turn = between(random, 0, 2 * Math.PI);
    const away = between(random, 0.15, 0.72);
    const [x, y] = [away * Math.cos(turn), away * Math.sin(turn)];
    const [halfWidth, halfHeight] = [between(random, 0.06, 0.17), between(random, 0.05, 0.14)];
    const shape = chance(random, 0.3) ? disc(0, 0, halfHeight) : box(0, 0, halfWidth, halfHeight);
    const inner: Shape = box(
      between(random, -0.03, 0.03),
      0,
      halfWidth * 0.6,
      halfHeight * between(random, 0.15, 0.5),
    );
    const angle = about(random, 0, 0.25, 0.7);
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    const worn = between(random, 0.75, 1);
    const bounds = { x, y, reach: 0.25 };
    for (const [drawn, colour] of [
      [shape, pick(random, stickerColours)],
      [inner, pick(random, stickerColours)],
    ] as const)
      paintPlate(plate, colour, bounds, (px, py) => {
        const u = (px - x) * c + (py - y) * s;
        const v = (py - y) * c - (px - x) * s;
        return worn * edge(drawn(u, v));
      });
  }
  if (chance(random, 0.08)) spray(plate, random);
}

function spray(plate: Plate, random: RandomStream): void {
  const colour = pick(random, stickerColours);
  const pen = between(random, 0.025, 0.05);
  let [x, y] = [between(random, -0.6, 0), between(random, -0.5, 0.5)];
  let heading = between(random, 0, 2 * Math.PI);
  for (let n = 0; n < 26; n++) {
    heading += about(random, 0, 0.7, 1.5);
    x += 0.05 * Math.cos(heading);
    y += 0.05 * Math.sin(heading);
    const [cx, cy] = [x, y];
    paintPlate(plate, colour, { x, y, reach: pen + 0.05 }, (px, py) => {
      const d = Math.sqrt((px - cx) ** 2 + (py - cy) ** 2);
      return 0.8 * (1 - step(pen * 0.6, pen * 1.5, d));
    });
  }
}
