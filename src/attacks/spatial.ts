import { z } from 'zod';
import { inCourses } from './courses.ts';
import { defineAttack } from './define.ts';
import { tried } from './scan.ts';

/**
 * Rotations and translations of the image, all of a grid, the image as it is among them: what fools the model and changes
 * least is kept. Between pixels it is read bilinearly, beyond its border black or as the border is.
 */
export const spatial = defineAttack({
  name: 'spatial',
  title: 'Rotation and translation',
  paper: 'Engstrom et al. 2017, arXiv:1712.02779: the grid of 5 × 5 × 31 over ±10 % and ±30 degrees',
  heldTo: 'closed forms',
  access: 'decision',
  norms: ['linf', 'l2'],
  goals: ['untargeted'],
  radius: 'minimum',
  options: z.strictObject({
    degrees: z.number().min(0).max(180).default(30).describe('rotations at most, both ways'),
    angles: z.int().min(1).default(31).describe('rotations of the grid'),
    shift: z.number().min(0).max(1).default(0.1).describe('translations at most, as a share of the side'),
    shifts: z.int().min(1).default(5).describe('translations of the grid along each side'),
    padding: z.enum(['black', 'edge']).default('black').describe('what lies beyond the border'),
  }),
  run: ({ options, ...context }) =>
    inCourses({ ...context, options }, function* ({ clean, shape }) {
      const { degrees, angles, shift, shifts, padding } = options;
      const [, height, width] = shape;
      if (yield* tried(clean.slice())) return;
      for (const degree of spread(degrees, angles))
        for (const down of spread(shift * height, shifts))
          for (const right of spread(shift * width, shifts))
            if (degree !== 0 || down !== 0 || right !== 0)
              yield* tried(moved(clean, shape, { degree, down, right, padding }));
    }),
});

/** So many numbers from −most to most, evenly; 0 alone where it is one. */
function spread(most: number, count: number): number[] {
  if (count === 1) return [0];
  return Array.from({ length: count }, (_, k) => most * ((2 * k) / (count - 1) - 1));
}

export interface Motion {
  /** Counterclockwise, about the middle. */
  readonly degree: number;
  /** In pixels. */
  readonly down: number;
  readonly right: number;
  readonly padding: 'black' | 'edge';
}

/** An image rotated and then moved. */
export function moved(
  image: Float32Array,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  { degree, down, right, padding }: Motion,
): Float32Array {
  const angle = (degree * Math.PI) / 180;
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const [middle, centre] = [(height - 1) / 2, (width - 1) / 2];
  const out = new Float32Array(image.length);
  for (let c = 0; c < channels; c++) {
    const plane = image.subarray(c * height * width, (c + 1) * height * width);
    const pixel = (i: number, j: number): number => {
      const inside = i >= 0 && i < height && j >= 0 && j < width;
      if (!inside && padding === 'black') return 0;
      const row = Math.min(height - 1, Math.max(0, i));
      return plane[row * width + Math.min(width - 1, Math.max(0, j))] as number;
    };
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        // Where the pixel came from.
        const [y, x] = [i - down - middle, j - right - centre];
        const [from, at] = [cosine * y + sine * x + middle, -sine * y + cosine * x + centre];
        const [top, left] = [Math.floor(from + 1e-9), Math.floor(at + 1e-9)];
        const [v, u] = [Math.max(0, from - top), Math.max(0, at - left)];
        const upper = u === 0 ? pixel(top, left) : (1 - u) * pixel(top, left) + u * pixel(top, left + 1);
        const lower =
          v === 0 ? 0 : (1 - u) * pixel(top + 1, left) + (u === 0 ? 0 : u * pixel(top + 1, left + 1));
        out[(c * height + i) * width + j] = (1 - v) * upper + v * lower;
      }
  }
  return out;
}
