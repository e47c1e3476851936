import type { RandomStream } from '../../tensor/index.ts';
import { type Colour, canvasSize, type Light } from './canvas.ts';
import { about, between, chance, noiseSeed } from './draws.ts';
import { noiseField, step } from './noise.ts';

/** The light of one moment; without a stream an even, white sky. */
export function drawLight(random: RandomStream | undefined): Light {
  const none = { direction: [0, -1, 0] as Colour, sun: [0, 0, 0] as Colour, onWalls: 0, headlights: 0 };
  if (random === undefined)
    return {
      ...none,
      weather: 'overcast',
      ambient: [0.55, 0.55, 0.55],
      zenith: [0.9, 0.9, 0.9],
      horizon: [0.9, 0.9, 0.9],
    };
  const kind = random.uniform();
  if (kind < 0.36) {
    const sky = between(random, 0.7, 1.15);
    const cool = between(random, 0, 0.08);
    const tint = (value: number): Colour => [value * (1 - cool), value, value * (1 + cool)];
    return {
      ...none,
      weather: 'overcast',
      ambient: tint(between(random, 0.42, 0.62)),
      zenith: tint(sky),
      horizon: tint(sky * between(random, 0.7, 1)),
    };
  }
  if (kind < 0.46) {
    const warm = random.uniform();
    return {
      ...none,
      weather: 'dusk',
      ambient: [0.09, 0.105, 0.14],
      zenith: [0.07, 0.1, 0.18],
      horizon: [0.16 + 0.22 * warm, 0.17 + 0.08 * warm, 0.22],
      headlights: between(random, 0.12, 0.7),
    };
  }
  const height = between(random, 0.15, 1.1);
  // More often than not the sun is behind the camera: 0 is straight behind it.
  const round = chance(random, 0.6) ? between(random, -1.4, 1.4) : between(random, 0, 2 * Math.PI);
  const direction: Colour = [
    Math.cos(height) * Math.sin(round),
    -Math.sin(height),
    -Math.cos(height) * Math.cos(round),
  ];
  const strength = between(random, 0.7, 1.05);
  const low = Math.max(0, 1 - height / 0.6);
  const haze = random.uniform();
  return {
    weather: 'sunny',
    sun: [strength, strength * (0.94 - 0.14 * low), strength * (0.86 - 0.34 * low)],
    ambient: [0.2, 0.225, 0.265],
    zenith: [0.12 + 0.14 * haze, 0.24 + 0.14 * haze, 0.5 + 0.06 * haze],
    horizon: [0.42 + 0.25 * haze, 0.52 + 0.2 * haze, 0.68 + 0.1 * haze],
    direction,
    onWalls: Math.max(0.05, -direction[2]),
    headlights: 0,
  };
}

/** How much sun reaches each sample of a canvas, in [0,1]: 1 in the open, less behind leaves, branches, a roof. */
export function drawShadow(random: RandomStream | undefined): Float32Array {
  const out = new Float32Array(canvasSize * canvasSize).fill(1);
  if (random === undefined || chance(random, 0.25)) return out;
  const kind = random.uniform();
  // Half the width of the edge: the sun is half a degree wide, so far shadows are soft.
  const soft = between(random, 0.02, 0.14);
  if (kind < 0.62) {
    const field = noiseField(canvasSize, canvasSize, {
      seed: noiseSeed(random),
      cell: between(random, 22, 60),
      octaves: 3,
      gain: between(random, 0.45, 0.7),
    });
    const level = about(random, 0.46, 0.09, 0.2);
    for (let i = 0; i < out.length; i++) out[i] = step(level - soft, level + soft, field[i] as number);
    return out;
  }
  const angle = between(random, 0, 2 * Math.PI);
  const [nx, ny] = [Math.cos(angle), Math.sin(angle)];
  const offset = about(random, 0, 22, 45);
  const width = kind < 0.8 ? 4 * canvasSize : between(random, 3, 12);
  const wave = noiseField(canvasSize, canvasSize, { seed: noiseSeed(random), cell: 40, octaves: 2 });
  const blur = soft * 40;
  for (let y = 0; y < canvasSize; y++)
    for (let x = 0; x < canvasSize; x++) {
      const at = y * canvasSize + x;
      const d =
        (x - canvasSize / 2) * nx + (y - canvasSize / 2) * ny - offset + 8 * ((wave[at] as number) - 0.5);
      const inside = step(-blur, blur, d) * (1 - step(width - blur, width + blur, d));
      out[at] = 1 - inside;
    }
  return out;
}
