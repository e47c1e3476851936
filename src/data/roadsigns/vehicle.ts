import type { RandomStream } from '../../tensor/index.ts';
import { type Canvas, type Colour, canvasSize, each, glow, put } from './canvas.ts';
import { between, pick } from './draws.ts';
import { edge } from './plate.ts';
import { box, disc, either, polygon } from './shapes.ts';

const paints: readonly Colour[] = [
  [0.6, 0.6, 0.6],
  [0.03, 0.03, 0.035],
  [0.22, 0.23, 0.25],
  [0.3, 0.025, 0.025],
  [0.03, 0.06, 0.2],
  [0.1, 0.11, 0.12],
];

const pane: Colour = [0.02, 0.022, 0.025];
const rubber: Colour = [0.017, 0.017, 0.018];

const body = either(
  polygon([
    -1, 0.1, -0.92, -0.12, -0.5, -0.2, -0.28, -0.5, 0.42, -0.5, 0.72, -0.18, 0.98, -0.08, 1, 0.16, -1, 0.16,
  ]),
);
const glass = polygon([-0.4, -0.2, -0.22, -0.44, 0.38, -0.44, 0.6, -0.18]);
const wheels = either(disc(-0.58, 0.16, 0.17), disc(0.6, 0.16, 0.17));
const sill = box(0, 0.12, 0.95, 0.05);

/** A car from the side, its wheels at a height given as a share of the canvas. */
export function vehicle(canvas: Canvas, random: RandomStream, foot: number): void {
  const half = between(random, 18, 55);
  const x0 = between(random, -0.2, 1.2) * canvasSize;
  const y0 = foot * canvasSize - 0.3 * half;
  const paint = pick(random, paints);
  const side = random.sign();
  const { onWalls, horizon } = canvas.light;
  each(x0 - half, y0 - 0.6 * half, x0 + half, y0 + 0.4 * half, (at, px, py) => {
    const x = ((px - x0) / half) * side;
    const y = (py - y0) / half;
    const soft = (d: number) => edge((d * half) / 64);
    const whole = soft(body(x, y));
    if (whole > 0) {
      put(canvas, at, whole, paint, onWalls * (0.7 - 0.5 * y), 0.8 - 0.6 * y);
      glow(canvas, at, whole * Math.max(0, 0.12 - 0.5 * (y + 0.2)) * 0.6, horizon[0], horizon[1], horizon[2]);
      const window = soft(glass(x, y));
      if (window > 0) {
        put(canvas, at, window, pane, 0);
        glow(canvas, at, window * 0.1, horizon[0], horizon[1], horizon[2]);
      }
      put(canvas, at, soft(sill(x, y)), rubber, 0, 0.5);
    }
    const tyre = soft(wheels(x, y));
    if (tyre > 0) put(canvas, at, tyre, rubber, 0.1, 0.6);
  });
}
