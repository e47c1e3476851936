import { arc, box, disc, either, type Path, polygon, type Shape, stroke } from './shapes.ts';

/** Strokes of a character of half width 1 and half height 1 about 0. */
const characters: Record<string, Path[]> = {
  '0': [arc(0, 0, 1, 1, 0, 360)],
  '3': [[...arc(-0.08, -0.5, 0.95, 0.5, -165, 90), ...arc(-0.08, 0.48, 1.05, 0.52, -90, 165)]],
  '5': [[0.85, -1, -0.75, -1, -0.9, -0.12, ...arc(-0.06, 0.36, 1.03, 0.64, -140, 158)]],
  '8': [arc(0, -0.52, 0.82, 0.48, 0, 360), arc(0, 0.48, 1, 0.52, 0, 360)],
  S: [[...arc(0, -0.5, 0.95, 0.5, -15, -270), ...arc(0, 0.5, 0.95, 0.5, -90, 165)]],
  T: [
    [-1, -1, 1, -1],
    [0, -1, 0, 1],
  ],
  O: [arc(0, 0, 1, 1, 0, 360)],
  P: [[-0.85, 1, -0.85, -1, 0, -1, ...arc(0, -0.45, 0.95, 0.55, -90, 90), -0.85, 0.1]],
};

/** How a word is set: half sizes of a character without its stroke, distance of characters, half the stroke. */
export interface Setting {
  halfWidth: number;
  halfHeight: number;
  pitch: number;
  pen: number;
}

/** A word about the centre, drawn with a pen; only the digits 0, 3, 5, 8 and the letters S, T, O, P are known. */
export function word(text: string, { halfWidth, halfHeight, pitch, pen }: Setting): Shape {
  const shapes = Array.from(text).flatMap((character, i) => {
    const cx = (i - (text.length - 1) / 2) * pitch;
    return (characters[character] ?? []).map((path) =>
      stroke(
        path.map((value, j) => (j % 2 === 0 ? cx + value * halfWidth : value * halfHeight)),
        pen,
      ),
    );
  });
  return either(...shapes);
}

/** Someone walking to the left, about 1 high, centred. */
export const walker: Shape = either(
  disc(0.03, -0.43, 0.085),
  stroke([0.03, -0.26, -0.01, 0.02], 0.085),
  stroke([-0.02, 0.04, -0.14, 0.24, -0.2, 0.47], 0.052),
  stroke([0.02, 0.04, 0.13, 0.26, 0.25, 0.45], 0.052),
  stroke([0.02, -0.28, -0.14, -0.1, -0.22, -0.04], 0.038),
  stroke([0.05, -0.28, 0.16, -0.1, 0.2, 0.04], 0.038),
);

/** A child running to the right, about 1 high, with a bag. */
export const runner: Shape = either(
  disc(0.1, -0.41, 0.1),
  stroke([0.06, -0.24, -0.03, 0.02], 0.1),
  stroke([0, 0.06, 0.2, 0.16, 0.16, 0.42], 0.058),
  stroke([-0.05, 0.06, -0.14, 0.26, -0.38, 0.34], 0.058),
  stroke([0.08, -0.26, 0.24, -0.1, 0.38, -0.16], 0.042),
  stroke([0.02, -0.26, -0.17, -0.14, -0.24, 0.02], 0.042),
  box(-0.27, 0.08, 0.08, 0.06),
);

/** Someone with a shovel beside a heap. */
export const digger: Shape = either(
  disc(0.12, -0.36, 0.085),
  stroke([0.13, -0.2, 0.25, 0.06], 0.09),
  stroke([0.25, 0.06, 0.12, 0.24, 0.18, 0.46], 0.056),
  stroke([0.28, 0.06, 0.36, 0.26, 0.46, 0.46], 0.056),
  stroke([0.12, -0.18, -0.04, 0.0, -0.12, 0.06], 0.042),
  stroke([0.1, -0.1, -0.3, 0.3], 0.028),
  polygon([-0.36, 0.22, -0.2, 0.3, -0.34, 0.42]),
  polygon([-0.62, 0.5, -0.5, 0.34, -0.36, 0.3, -0.22, 0.4, -0.12, 0.5]),
);

/** A car from behind, about 1 wide. */
export const car: Shape = either(
  polygon([-0.5, 0.2, -0.5, -0.04, -0.42, -0.1, 0.42, -0.1, 0.5, -0.04, 0.5, 0.2]),
  polygon([-0.4, -0.08, -0.3, -0.36, 0.3, -0.36, 0.4, -0.08]),
  box(-0.36, 0.27, 0.1, 0.1),
  box(0.36, 0.27, 0.1, 0.1),
);

/** The rear window of {@link car}. */
export const rearWindow: Shape = polygon([-0.28, -0.12, -0.22, -0.29, 0.22, -0.29, 0.28, -0.12]);
