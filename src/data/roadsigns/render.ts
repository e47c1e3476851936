import { decodeJpeg, encodeJpeg } from '#codec';
import { channelsFirst, type RandomStream } from '../../tensor/index.ts';
import { paintBackground } from './background.ts';
import {
  addGrain,
  binned,
  blurCanvas,
  develop,
  discBlur,
  resampled,
  sharpen,
  soften,
  streakBlur,
} from './camera.ts';
import { type Canvas, canvasSize, glow, imageSize, type Light, makeCanvas, margin } from './canvas.ts';
import { drawLight, drawShadow } from './light.ts';
import { occlude } from './occlusion.ts';
import * as draw from './parameters.ts';
import { makePlate } from './plate.ts';
import { drawGloss, hang, matt, mount, neighbours } from './plates.ts';
import { type Placement, type Pose, poseOf } from './pose.ts';
import { roadsignClasses } from './signs.ts';
import { addDirt, addStickers } from './wear.ts';

/** A photograph of a sign and where the sign is in it. */
export interface Photograph {
  /** 8-bit sRGB levels, [3, 64, 64]. */
  image: Uint8Array;
  pose: Pose;
  /** 1 where most of a pixel shows the sign, else 0; what stands before the sign is left out. [64, 64] */
  mask: Uint8Array;
}

/** Paints the scene, then takes the picture. */
export async function photograph(label: number, draws: draw.Draws): Promise<Photograph> {
  const placement = draw.drawPlacement(draws('pose'), draws('placement'));
  const canvas = makeCanvas(drawLight(draws('sun')), drawShadow(draws('shadow')));
  const seen = paint(canvas, label, placement, draws);
  const image = await take(canvas, placement, draws, seen);
  return { image, pose: poseOf(placement), mask: maskOf(seen) };
}

/** @returns how much of each sample shows the sign */
function paint(canvas: Canvas, label: number, placement: Placement, draws: draw.Draws): Float32Array {
  const haze = draw.drawHaze(draws('haze'));
  const focus = draw.drawFocus(draws('focusBlur'), placement);
  const beside = draws('neighbours');
  const before = draws('occlusion');
  const reflection = draws('reflection');
  paintBackground(canvas, draws('background'));
  veil(canvas, haze);
  if (focus.behind > 0) soften(canvas, focus.behind);
  if (beside !== undefined) {
    mount(canvas, beside, placement);
    neighbours(canvas, beside, placement, roadsignClasses.length);
  }
  const plate = makePlate(label, draw.drawStyle(draws('style')), draw.drawFading(draws('fading')));
  onto(draws('dirt'), (random) => addDirt(plate, random));
  onto(draws('stickers'), (random) => addStickers(plate, random));
  const seen = new Float32Array(canvasSize * canvasSize);
  hang(canvas, plate, placement, reflection === undefined ? matt : drawGloss(reflection), seen);
  if (before !== undefined) occlude(canvas, before, placement, roadsignClasses.length, seen);
  veil(canvas, haze);
  const motion = draw.drawMotion(draws('motionBlur'), placement);
  if (motion.length > 0.3) blurCanvas(canvas, streakBlur(motion.length, motion.angle));
  if (focus.radius > 0) blurCanvas(canvas, discBlur(focus.radius));
  return seen;
}

function onto(random: RandomStream | undefined, work: (random: RandomStream) => void): void {
  if (random !== undefined) work(random);
}

/** The light of the air. */
function veil(canvas: Canvas, haze: number): void {
  if (haze === 0) return;
  const [r, g, b] = canvas.light.horizon;
  for (let at = 0; at < canvas.r.length; at++) glow(canvas, at, haze, r, g, b);
}

async function take(
  canvas: Canvas,
  placement: Placement,
  draws: draw.Draws,
  seen: Float32Array,
): Promise<Uint8Array> {
  const across = draw.drawResolution(draws('resolution'), placement);
  const size = Math.round((across * (imageSize + 2 * margin)) / imageSize);
  const planes = [canvas.r, canvas.g, canvas.b].map((p) => binned(p, canvasSize, size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const exposure = draws('exposure');
  const light =
    exposure === undefined
      ? greyCard(canvas.light)
      : meter(planes, size, binned(seen, canvasSize, size)) * 2 ** draw.drawExposure(exposure);
  const processing = draw.drawProcessing(draws('processing'));
  expose(planes, size, light, draw.drawWhiteBalance(draws('whiteBalance')), processing);
  onto(draws('noise'), (random) => addGrain(planes, size, draw.drawGrain(random), random));
  const levels = finish(planes, size, processing);
  return chosen(levels, size, across, draws('jpeg'));
}

/** The factor that brings a grey card, upright and facing the camera, to a mid grey. */
function greyCard({ ambient, sun, onWalls, headlights }: Light): number {
  return 0.6 / (ambient[1] + onWalls * sun[1] + headlights);
}

/** The factor that brings the middle of the light to a mid grey; the sign counts as much as all else. */
function meter(
  [r, g, b]: readonly [Float32Array, Float32Array, Float32Array],
  size: number,
  seen: Float32Array,
): number {
  let [all, sign, weight] = [0, 0, 0];
  for (let i = 0; i < size * size; i++) {
    const y = 0.2126 * (r[i] as number) + 0.7152 * (g[i] as number) + 0.0722 * (b[i] as number);
    all += y;
    sign += y * (seen[i] as number);
    weight += seen[i] as number;
  }
  const mean = 0.5 * (all / (size * size)) + 0.5 * (sign / Math.max(1, weight));
  return 0.25 / Math.max(mean, 0.004);
}

function expose(
  planes: readonly [Float32Array, Float32Array, Float32Array],
  size: number,
  light: number,
  balance: { red: number; blue: number },
  { saturation, vignette, axis }: draw.Processing,
): void {
  const [red, green, blue] = planes;
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const at = y * size + x;
      const dx = (2 * x) / size - 1 - axis[0];
      const dy = (2 * y) / size - 1 - axis[1];
      const gain = light * (1 - (vignette * (dx * dx + dy * dy)) / 4);
      const r = gain * balance.red * (red[at] as number);
      const g = gain * (green[at] as number);
      const b = gain * balance.blue * (blue[at] as number);
      const grey = 0.2126 * r + 0.7152 * g + 0.0722 * b;
      red[at] = grey + saturation * (r - grey);
      green[at] = grey + saturation * (g - grey);
      blue[at] = grey + saturation * (b - grey);
    }
}

/** Levels, rows of pixels of three channels. */
function finish(
  planes: readonly [Float32Array, Float32Array, Float32Array],
  size: number,
  { contrast, sharpening }: draw.Processing,
): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  planes.forEach((plane, c) => {
    for (let i = 0; i < plane.length; i++) plane[i] = develop(plane[i] as number, contrast);
    const sharp = sharpening > 0 ? sharpen(plane, size, sharpening) : plane;
    for (let i = 0; i < plane.length; i++)
      out[i * 3 + c] = Math.min(255, Math.max(0, Math.round(255 * (sharp[i] as number))));
  });
  return out;
}

/** The frame cut out of the picture, after the blocks of a JPEG, at the size of the image. [3, 64, 64] */
async function chosen(
  levels: Uint8Array,
  size: number,
  across: number,
  random: RandomStream | undefined,
): Promise<Uint8Array> {
  let [data, side, start] = [levels, size, { x: (size - across) / 2, y: (size - across) / 2 }];
  if (random !== undefined) {
    const { quality, subsampling, x, y } = draw.drawJpeg(random);
    side = size - Math.max(x, y);
    const part = new Uint8Array(side * side * 3);
    for (let row = 0; row < side; row++) {
      const from = ((row + y) * size + x) * 3;
      part.set(levels.subarray(from, from + side * 3), row * side * 3);
    }
    const picture = { height: side, width: side, channels: 3, data: part };
    data = (await decodeJpeg(await encodeJpeg(picture, quality, subsampling))).data;
    start = { x: start.x - x, y: start.y - y };
  }
  return channelsFirst(resampled(data, side, { ...start, size: across }, imageSize), 3);
}

function maskOf(seen: Float32Array): Uint8Array {
  const whole = imageSize + 2 * margin;
  const pixels = binned(seen, canvasSize, whole);
  const out = new Uint8Array(imageSize * imageSize);
  for (let y = 0; y < imageSize; y++)
    for (let x = 0; x < imageSize; x++)
      out[y * imageSize + x] = (pixels[(y + margin) * whole + x + margin] as number) > 0.5 ? 1 : 0;
  return out;
}
