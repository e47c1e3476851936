import { randomOf, type Tensor } from 'advarena/tensor';

/** A dataset that needs no download: ten shapes on blurred, noisy grounds, 32x32 RGB. */
export const shapeNames = [
  'disc',
  'ring',
  'square',
  'triangle',
  'cross',
  'plus',
  'star',
  'crescent',
  'bar',
  'heart',
];

export const shapeSize = 32;

/** Signed distance of a point to each shape of about unit size, negative inside. */
const distances: readonly ((x: number, y: number) => number)[] = [
  (x, y) => Math.hypot(x, y) - 0.8,
  (x, y) => Math.abs(Math.hypot(x, y) - 0.65) - 0.18,
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.7,
  (x, y) => Math.max(0.87 * Math.abs(x) + 0.5 * y, -y) - 0.5,
  (x, y) => arms((x + y) / Math.SQRT2, (x - y) / Math.SQRT2),
  (x, y) => arms(x, y),
  (x, y) => (Math.hypot(x, y) - 0.6 - 0.28 * Math.cos(5 * Math.atan2(x, -y))) * 0.7,
  (x, y) => Math.max(Math.hypot(x, y) - 0.85, 0.7 - Math.hypot(x - 0.4, y)),
  (x, y) => Math.max(Math.abs(x) - 0.9, Math.abs(y) - 0.28),
  (x, y) => (((x * x + y * y - 0.45) ** 3 + x * x * y * y * y) * 6) / (0.5 + x * x + y * y),
];

function arms(x: number, y: number): number {
  const along = Math.max(Math.abs(x), Math.abs(y));
  const across = Math.min(Math.abs(x), Math.abs(y));
  return Math.max(along - 0.85, across - 0.22);
}

export interface Shapes {
  ids: string[];
  images: Tensor<'uint8'>;
  labels: number[];
  /** Another class for each image, for targeted attacks. */
  targets: number[];
}

/** Draws `count` images; the same seed and part give the same bytes. Parts never share an image. */
export function drawShapes(count: number, seed: number, part: 'train' | 'dev'): Shapes {
  const pixels = shapeSize * shapeSize;
  const random = randomOf(seed, `shapes/${part}`);
  const out: Shapes = {
    ids: [],
    images: {
      dtype: 'uint8',
      shape: [count, 3, shapeSize, shapeSize],
      data: new Uint8Array(count * 3 * pixels),
    },
    labels: [],
    targets: [],
  };
  for (let i = 0; i < count; i++) {
    const id = `${part}${String(i).padStart(5, '0')}`;
    const draw = random.stream(id, 'image', 0);
    const label = i % shapeNames.length;
    out.ids.push(id);
    out.labels.push(label);
    out.targets.push((label + 1 + draw.integer(shapeNames.length - 1)) % shapeNames.length);
    const between = (low: number, high: number): number => low + (high - low) * draw.uniform();
    const ink = [between(0, 1), between(0, 1), between(0, 1)];
    const ground = ink.map((c) => (c + between(0.3, 0.7)) % 1);
    const slope = [between(-0.15, 0.15), between(-0.15, 0.15)];
    const angle = between(-0.35, 0.35);
    const scale = between(7.5, 12);
    const [cx, cy] = [between(12.5, 18.5), between(12.5, 18.5)];
    const blur = between(0.06, 0.2);
    const noise = between(0.01, 0.05);
    const shape = distances[label] as (x: number, y: number) => number;
    for (let y = 0; y < shapeSize; y++) {
      for (let x = 0; x < shapeSize; x++) {
        const [dx, dy] = [(x - cx) / scale, (y - cy) / scale];
        const d = shape(
          dx * Math.cos(angle) - dy * Math.sin(angle),
          dx * Math.sin(angle) + dy * Math.cos(angle),
        );
        const inside = 1 / (1 + Math.exp(d / (blur / 2)));
        const light = (slope[0] as number) * dx + (slope[1] as number) * dy;
        for (let c = 0; c < 3; c++) {
          const colour = inside * (ink[c] as number) + (1 - inside) * (ground[c] as number);
          const value = colour + light + noise * draw.normal();
          out.images.data[(i * 3 + c) * pixels + y * shapeSize + x] = Math.round(
            255 * Math.min(1, Math.max(0, value)),
          );
        }
      }
    }
  }
  return out;
}
