/** A whole number in [0, 2^32) that belongs to a lattice point; integer arithmetic, so the same everywhere. */
function mix(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) >>> 0;
}

/** In [0,1). */
export function lattice(x: number, y: number, seed: number): number {
  return mix(x, y, seed) / 2 ** 32;
}

/** How a field of noise is made. */
export interface NoiseOptions {
  seed: number;
  /** Size of the largest features in samples, across and down. */
  cell: number;
  cellDown?: number;
  octaves: number;
  /** Weight of each octave against the one before. */
  gain?: number;
}

/**
 * Value noise summed over octaves, each of half the size of the one before, on a grid of width x height samples.
 * @returns mean about 0.5, nearly all in [0,1]; contrast does not depend on the octaves
 */
export function noiseField(width: number, height: number, options: NoiseOptions): Float32Array {
  const out = new Float32Array(width * height);
  const gain = options.gain ?? 0.5;
  let cell = options.cell;
  let cellDown = options.cellDown ?? cell;
  let weight = 1;
  let energy = 0;
  for (let octave = 0; octave < options.octaves; octave++) {
    addOctave(out, width, height, cell, cellDown, weight, options.seed + Math.imul(octave, 0x9e3779b9));
    energy += weight * weight;
    weight *= gain;
    cell /= 2;
    cellDown /= 2;
  }
  const scale = 0.9 / Math.sqrt(energy);
  for (let i = 0; i < out.length; i++) out[i] = 0.5 + scale * (out[i] as number);
  return out;
}

function addOctave(
  out: Float32Array,
  width: number,
  height: number,
  cell: number,
  cellDown: number,
  weight: number,
  seed: number,
): void {
  // Lattices of different octaves must not share their lines.
  const shiftX = lattice(1, 7, seed);
  const shiftY = lattice(7, 1, seed);
  const columns = Math.ceil(width / cell) + 3;
  const above = new Float32Array(columns);
  const below = new Float32Array(columns);
  const places = new Int32Array(width);
  const shares = new Float32Array(width);
  for (let x = 0; x < width; x++) {
    const u = x / cell + shiftX;
    places[x] = Math.floor(u);
    shares[x] = smooth(u - Math.floor(u));
  }
  let row = Number.NaN;
  for (let y = 0; y < height; y++) {
    const v = y / cellDown + shiftY;
    const iy = Math.floor(v);
    if (iy !== row) {
      row = iy;
      for (let i = 0; i < columns; i++) {
        above[i] = lattice(i, iy, seed) - 0.5;
        below[i] = lattice(i, iy + 1, seed) - 0.5;
      }
    }
    const ty = smooth(v - iy);
    for (let x = 0; x < width; x++) {
      const ix = places[x] as number;
      const tx = shares[x] as number;
      const a = above[ix] as number;
      const b = below[ix] as number;
      const top = a + tx * ((above[ix + 1] as number) - a);
      const bottom = b + tx * ((below[ix + 1] as number) - b);
      const at = y * width + x;
      out[at] = (out[at] as number) + weight * (top + ty * (bottom - top));
    }
  }
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function step(low: number, high: number, value: number): number {
  const t = (value - low) / (high - low);
  return t <= 0 ? 0 : t >= 1 ? 1 : smooth(t);
}
