import { AdvarenaError, type RandomSource, type RandomStream, unknownName } from '../../tensor/index.ts';
import type { Subsampling } from '../codec.ts';
import type { Grain } from './camera.ts';
import { imageSize } from './canvas.ts';
import { about, between, chance } from './draws.ts';
import type { Placement } from './pose.ts';
import { styles } from './signs.ts';

/** Parts of the dataset: no random number is in two of them. */
export const roadsignParts = ['train', 'dev', 'final'] as const;

export type RoadsignPart = (typeof roadsignParts)[number];

/** What varies besides the class, each with random numbers of its own: one switched off leaves the others as they are. */
export const nuisances = [
  /** Country and maker: yellow or white ground, widths of borders and strokes. */
  'style',
  /** Turn of the sign in space, and its distance, which sets how strong the perspective is. */
  'pose',
  /** Place and size in the frame. */
  'placement',
  'fading',
  'dirt',
  'stickers',
  /** Weather, the sun's height and direction, dusk with headlights. */
  'sun',
  /** Shadows of leaves, branches and roofs, on the sign and behind it. */
  'shadow',
  /** Mirrored sky, the sun's image, a bright rim, dents. */
  'reflection',
  'background',
  /** The post, boards below the sign, other signs half in view. */
  'neighbours',
  /** Twigs, a post or another sign before the sign. */
  'occlusion',
  'haze',
  'motionBlur',
  'focusBlur',
  /** The camera's meter and its error; without, the exposure is right for a grey card beside the sign. */
  'exposure',
  'whiteBalance',
  /** Pixels of the camera across the frame: fewer than the image has, then enlarged. */
  'resolution',
  /** Contrast, sharpening, darker corners. */
  'processing',
  'noise',
  'jpeg',
] as const;

export type Nuisance = (typeof nuisances)[number];

/** @throws AdvarenaError ARGUMENT for an unknown part or nuisance */
export function checkNames(part: string, off: readonly string[]): void {
  known('part', part, roadsignParts);
  for (const name of off) known('nuisance', name, nuisances);
}

function known(what: string, word: string, choices: readonly string[]): void {
  if (!choices.includes(word))
    throw new AdvarenaError('ARGUMENT', unknownName(what, word, choices), {
      remedy: `Correct the name of the ${what}.`,
    });
}

/** Random numbers of a nuisance, or undefined where it is switched off. */
export type Draws = (nuisance: Nuisance) => RandomStream | undefined;

export function drawsOf(random: RandomSource, sample: string, off: readonly Nuisance[]): Draws {
  return (nuisance) => (off.includes(nuisance) ? undefined : random.stream(sample, nuisance));
}

export function drawStyle(random: RandomStream | undefined): number {
  if (random === undefined) return 0;
  const yellow = styles.length - 1;
  return chance(random, 0.15) ? yellow : random.integer(yellow);
}

const degree = Math.PI / 180;

export function drawPlacement(pose: RandomStream | undefined, place: RandomStream | undefined): Placement {
  const turn = pose && {
    yaw: about(pose, 0, 21 * degree, 50 * degree),
    pitch: about(pose, 4 * degree, 8 * degree, 20 * degree),
    roll: about(pose, 0, 4.5 * degree, 14 * degree),
    distance: between(pose, 3.5, 16),
  };
  const size = place && {
    radius: Math.sqrt(between(place, 13.5 ** 2, 29 ** 2)),
    x: imageSize / 2 + about(place, 0, 3.2, 7),
    y: imageSize / 2 + about(place, 0, 3.2, 7),
  };
  return {
    yaw: 0,
    pitch: 0,
    roll: 0,
    distance: 16,
    radius: 23,
    x: imageSize / 2,
    y: imageSize / 2,
    ...turn,
    ...size,
  };
}

/** 0 new to 1 bleached; most signs are nearly new. */
export function drawFading(random: RandomStream | undefined): number {
  return random === undefined ? 0 : random.uniform() ** 2.2;
}

/** The share of light that the air adds between camera and sign. */
export function drawHaze(random: RandomStream | undefined): number {
  if (random === undefined) return 0;
  return chance(random, 0.15) ? between(random, 0.08, 0.28) : between(random, 0, 0.05);
}

/** In canvas samples; longer for larger signs, which a blur of the same length hides less. */
export function drawMotion(
  random: RandomStream | undefined,
  { radius }: Placement,
): { length: number; angle: number } {
  if (random === undefined) return { length: 0, angle: 0 };
  const length = chance(random, 0.35) ? between(random, 2, radius / 3.2) : between(random, 0, 2);
  return { length, angle: chance(random, 0.7) ? about(random, 0, 0.25, 0.6) : between(random, 0, Math.PI) };
}

/** Radii in canvas samples: of the whole picture, and (whole) of what is behind the sign before that. */
export function drawFocus(
  random: RandomStream | undefined,
  { radius: sign }: Placement,
): { radius: number; behind: number } {
  if (random === undefined) return { radius: 0, behind: 0 };
  const radius = chance(random, 0.2) ? between(random, 1.3, 1.3 + sign / 14) : between(random, 0.5, 1.4);
  return { radius, behind: chance(random, 0.25) ? 1 + random.integer(3) : 0 };
}

/** In stops from what the meter says. */
export function drawExposure(random: RandomStream): number {
  return about(random, -0.1, 0.55, 1.4);
}

/** Factors of red and blue. */
export function drawWhiteBalance(random: RandomStream | undefined): { red: number; blue: number } {
  if (random === undefined) return { red: 1, blue: 1 };
  const warm = about(random, 0, 0.1, 0.25);
  const tint = about(random, 0, 0.03, 0.08);
  return { red: 1 + warm + tint, blue: 1 - warm + tint };
}

/** Pixels of the camera across the finished image: at least ten for half the size of the sign. */
export function drawResolution(random: RandomStream | undefined, { radius }: Placement): number {
  if (random === undefined || chance(random, 0.3)) return imageSize;
  return Math.round(between(random, Math.max(34, (10 * imageSize) / radius), imageSize));
}

export interface Processing {
  contrast: number;
  sharpening: number;
  saturation: number;
  /** Light lost in the corner of the frame that is furthest from the lens's axis, and where that axis is. */
  vignette: number;
  axis: [x: number, y: number];
}

export function drawProcessing(random: RandomStream | undefined): Processing {
  if (random === undefined) return { contrast: 0.2, sharpening: 0, saturation: 1, vignette: 0, axis: [0, 0] };
  return {
    contrast: between(random, 0.1, 0.9),
    sharpening: chance(random, 0.6) ? between(random, 0.15, 0.9) : 0,
    saturation: between(random, 0.85, 1.35),
    vignette: between(random, 0, 0.22),
    axis: [between(random, -1, 1), between(random, -1, 1)],
  };
}

/** Nothing without a stream. */
export function drawGrain(random: RandomStream): Grain {
  const gain = between(random, 0, 1) ** 1.7;
  return {
    shot: 0.00004 + 0.0007 * gain,
    read: 0.0006 + 0.0035 * gain,
    smooth: between(random, 0, 0.9),
    chroma: between(random, 0.3, 0.9),
  };
}

export interface Jpeg {
  quality: number;
  subsampling: Subsampling;
  /** Pixels of the camera's picture left of and above the part that is kept: moves the grid of blocks. */
  x: number;
  y: number;
}

export function drawJpeg(random: RandomStream): Jpeg {
  return {
    quality: Math.round(between(random, 48, 96)),
    subsampling: chance(random, 0.75) ? '4:2:0' : '4:4:4',
    x: random.integer(4),
    y: random.integer(4),
  };
}
