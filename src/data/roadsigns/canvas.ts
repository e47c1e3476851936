import { step } from './noise.ts';

/** Pixels across the finished image. */
export const imageSize = 64;
/** Samples per pixel, across and down. */
export const oversampling = 2;
/** Pixels painted beyond each border, from which blur and the blocks of a JPEG reach in. */
export const margin = 4;
/** Samples across a canvas. */
export const canvasSize = (imageSize + 2 * margin) * oversampling;

export type Colour = readonly [r: number, g: number, b: number];

export type Weather = 'sunny' | 'overcast' | 'dusk';

export interface Light {
  weather: Weather;
  /** Radiance of a white surface that the sun strikes square on. */
  sun: Colour;
  /** Radiance of a white upright surface by sky and ground alone. */
  ambient: Colour;
  /** Radiance of the sky overhead and at the horizon. */
  zenith: Colour;
  horizon: Colour;
  /** Unit vector to the sun: x right, y down, z away from the camera. */
  direction: Colour;
  /** Cosine between the sun and walls that look at the camera. */
  onWalls: number;
  /** Headlights on sheeting that throws them back, by sign and brightness. */
  headlights: number;
}

/** A picture in the making: linear radiance; a white wall that faces the sun has about 1. */
export interface Canvas {
  r: Float32Array;
  g: Float32Array;
  b: Float32Array;
  light: Light;
  /** How much of the sun reaches a sample. */
  shadow: Float32Array;
}

export function makeCanvas(light: Light, shadow: Float32Array): Canvas {
  const plane = () => new Float32Array(canvasSize * canvasSize);
  return { r: plane(), g: plane(), b: plane(), light, shadow };
}

/** Lays a radiance over sample `at`. */
export function glow(canvas: Canvas, at: number, alpha: number, r: number, g: number, b: number): void {
  const keep = 1 - alpha;
  canvas.r[at] = (canvas.r[at] as number) * keep + alpha * r;
  canvas.g[at] = (canvas.g[at] as number) * keep + alpha * g;
  canvas.b[at] = (canvas.b[at] as number) * keep + alpha * b;
}

/**
 * Lays a matt surface over sample `at`.
 * @param lit cosine to the sun, 0 where it turns away
 * @param open how much of the sky the surface sees
 * @param tone factor of the colour
 */
export function put(
  canvas: Canvas,
  at: number,
  alpha: number,
  [r, g, b]: Colour,
  lit: number,
  open = 1,
  tone = 1,
): void {
  const { sun, ambient } = canvas.light;
  const direct = lit * (canvas.shadow[at] as number);
  glow(
    canvas,
    at,
    alpha,
    tone * r * (open * ambient[0] + direct * sun[0]),
    tone * g * (open * ambient[1] + direct * sun[1]),
    tone * b * (open * ambient[2] + direct * sun[2]),
  );
}

/** Calls `paint` for the samples of a rectangle that lie on the canvas. */
export function each(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  paint: (at: number, x: number, y: number) => void,
): void {
  const left = Math.max(0, Math.floor(x0));
  const right = Math.min(canvasSize - 1, Math.ceil(x1));
  const bottom = Math.min(canvasSize - 1, Math.ceil(y1));
  for (let y = Math.max(0, Math.floor(y0)); y <= bottom; y++)
    for (let x = left; x <= right; x++) paint(y * canvasSize + x, x, y);
}

/** A leaf: a soft-edged ellipse at an angle. */
export function leaf(
  canvas: Canvas,
  x: number,
  y: number,
  shape: { angle: number; length: number; width: number },
  colour: Colour,
  lit: number,
  open: number,
  mark?: Float32Array,
): void {
  const { angle, length, width } = shape;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const reach = Math.max(length, width) + 1;
  const soft = 1 / Math.min(length, width);
  each(x - reach, y - reach, x + reach, y + reach, (at, px, py) => {
    const u = ((px - x) * c + (py - y) * s) / length;
    const v = ((py - y) * c - (px - x) * s) / width;
    const d = u * u + v * v;
    if (d > 1 + 2 * soft) return;
    const alpha = 1 - step(Math.max(0, 1 - soft), 1 + soft, d);
    put(canvas, at, alpha, colour, lit * (1 - 0.3 * v), open);
    if (mark !== undefined) mark[at] = (mark[at] as number) * (1 - alpha);
  });
}

/** A round post between two points, shaded like a cylinder. */
export function post(
  canvas: Canvas,
  from: readonly [number, number],
  to: readonly [number, number],
  halfWidth: number,
  colour: Colour,
  mark?: Float32Array,
): void {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const length = Math.sqrt(dx * dx + dy * dy);
  const [ux, uy] = [dx / length, dy / length];
  const sunSide = canvas.light.direction[0];
  const reach = halfWidth + 1;
  each(
    Math.min(from[0], to[0]) - reach,
    Math.min(from[1], to[1]) - reach,
    Math.max(from[0], to[0]) + reach,
    Math.max(from[1], to[1]) + reach,
    (at, x, y) => {
      const along = (x - from[0]) * ux + (y - from[1]) * uy;
      if (along < 0 || along > length) return;
      const across = ((x - from[0]) * -uy + (y - from[1]) * ux) / halfWidth;
      const alpha = Math.min(1, (1 - Math.abs(across)) * halfWidth + 0.5);
      if (alpha <= 0) return;
      const bent = Math.min(1, Math.abs(across));
      const lit = Math.max(0, 0.5 - across * sunSide * Math.sign(uy || 1) * 0.8) * canvas.light.onWalls;
      put(canvas, at, alpha, colour, lit, 1 - 0.55 * bent * bent);
      if (mark !== undefined) mark[at] = (mark[at] as number) * (1 - alpha);
    },
  );
}
