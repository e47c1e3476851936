import { step } from './noise.ts';
import { drawSign, inks, styles } from './signs.ts';

/** Samples across a plate's texture; they cover [-1,1]^2. */
export const plateSize = 128;

/** A plate's surface: linear reflectance and coverage, each plateSize^2 samples in [0,1]. */
export interface Plate {
  r: Float32Array;
  g: Float32Array;
  b: Float32Array;
  /** How much of the sample is plate. */
  cover: Float32Array;
  /** How strongly the sheeting throws headlights back. */
  retro: Float32Array;
}

/** How much of each ink, then of the plate, is in a sample: 255 is all. Planes of plateSize^2. */
type Print = Uint8Array;

const prints = new Map<number, Print>();

function printed(label: number, style: number): Print {
  const key = label * styles.length + style;
  let found = prints.get(key);
  if (found === undefined) {
    found = print(label, style);
    prints.set(key, found);
  }
  return found;
}

function print(label: number, style: number): Print {
  const { outline, layers } = drawSign(label, styles[style] as (typeof styles)[number]);
  const area = plateSize * plateSize;
  const out = new Uint8Array((inks.length + 1) * area);
  const amounts = new Float64Array(inks.length);
  const half = plateSize / 2;
  for (let row = 0; row < plateSize; row++)
    for (let column = 0; column < plateSize; column++) {
      const x = (column + 0.5) / half - 1;
      const y = (row + 0.5) / half - 1;
      // Distance in samples gives the covered part of a sample.
      const covered = (d: number) => Math.min(1, Math.max(0, 0.5 - d * half));
      amounts.fill(0);
      amounts[0] = 1;
      for (const [ink, shape] of layers) {
        const part = covered(shape(x, y));
        if (part === 0) continue;
        for (let i = 0; i < inks.length; i++) amounts[i] = (amounts[i] as number) * (1 - part);
        const at = inks.indexOf(ink);
        amounts[at] = (amounts[at] as number) + part;
      }
      const at = row * plateSize + column;
      amounts.forEach((amount, i) => {
        out[i * area + at] = Math.round(255 * amount);
      });
      out[inks.length * area + at] = Math.round(255 * covered(outline(x, y)));
    }
  return out;
}

/** Linear reflectance of the inks when new: white, red, blue, yellow, black. */
const fresh: readonly [number, number, number][] = [
  [0.72, 0.72, 0.71],
  [0.42, 0.022, 0.028],
  [0.012, 0.085, 0.34],
  [0.74, 0.42, 0.015],
  [0.022, 0.022, 0.024],
];

/** The same after many summers: reds turn to orange and pink first. */
const faded: readonly [number, number, number][] = [
  [0.58, 0.57, 0.52],
  [0.5, 0.17, 0.12],
  [0.14, 0.24, 0.36],
  [0.66, 0.5, 0.2],
  [0.11, 0.11, 0.11],
];

/** Black ink throws nothing back. */
const throwsBack: readonly number[] = [1, 0.28, 0.16, 0.7, 0.01];

/**
 * A plate as it hangs: the print in inks of a certain age.
 * @param fading 0 new to 1 bleached
 */
export function makePlate(label: number, style: number, fading: number): Plate {
  const source = printed(label, style);
  const area = plateSize * plateSize;
  const mixed = fresh.map((ink, i) =>
    ink.map((value, c) => value + fading * (((faded[i] as number[])[c] as number) - value)),
  );
  const [r, g, b, cover, retro] = Array.from({ length: 5 }, () => new Float32Array(area)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  for (let ink = 0; ink < inks.length; ink++) {
    const [ir, ig, ib] = mixed[ink] as [number, number, number];
    const back = throwsBack[ink] as number;
    for (let i = 0; i < area; i++) {
      const amount = (source[ink * area + i] as number) / 255;
      if (amount === 0) continue;
      r[i] = (r[i] as number) + amount * ir;
      g[i] = (g[i] as number) + amount * ig;
      b[i] = (b[i] as number) + amount * ib;
      retro[i] = (retro[i] as number) + amount * back;
    }
  }
  for (let i = 0; i < area; i++) cover[i] = (source[inks.length * area + i] as number) / 255;
  return { r, g, b, cover, retro };
}

/** Paints a colour over a plate where `amount(x, y)`, in sign coordinates, is above 0. */
export function paintPlate(
  plate: Plate,
  colour: readonly [number, number, number],
  bounds: { x: number; y: number; reach: number },
  amount: (x: number, y: number) => number,
): void {
  const half = plateSize / 2;
  const index = (v: number) => Math.min(plateSize, Math.max(0, Math.round((v + 1) * half)));
  for (let row = index(bounds.y - bounds.reach); row < index(bounds.y + bounds.reach); row++)
    for (let column = index(bounds.x - bounds.reach); column < index(bounds.x + bounds.reach); column++) {
      const part = amount((column + 0.5) / half - 1, (row + 0.5) / half - 1);
      if (part <= 0) continue;
      const at = row * plateSize + column;
      plate.r[at] = (plate.r[at] as number) * (1 - part) + part * colour[0];
      plate.g[at] = (plate.g[at] as number) * (1 - part) + part * colour[1];
      plate.b[at] = (plate.b[at] as number) * (1 - part) + part * colour[2];
      plate.retro[at] = (plate.retro[at] as number) * (1 - part);
    }
}

/** The covered part of a texture sample at a signed distance in sign coordinates. */
export function edge(distance: number): number {
  return 1 - step(-1 / plateSize, 1 / plateSize, distance);
}
