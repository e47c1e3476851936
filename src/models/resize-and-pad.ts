import { GraphBuilder } from '../onnx/index.ts';
import { type InputSize, tensor } from '../tensor/index.ts';
import type { GraphStage } from './stages.ts';

export interface ResizeAndPad {
  /** Sides in pixels of the resized image, drawn from [from, to), one draw for both sides ... */
  from(input: InputSize): number;
  /** ... and of the square that it is placed in. */
  to(input: InputSize): number;
  /** How often an image is changed at all. */
  odds: number;
  /** What stands around it, in [0,1]. */
  grey: number;
  /** Whether every second image, at random, is mirrored. */
  flip: boolean;
  /** Whether the square is resized to the size of the image again, linearly; only such images can stay unchanged. */
  back: boolean;
}

/**
 * Nearest pixels of a random size at a random place of a larger square. A row's draw is two matrices of one size,
 * V [rows out, height] and H [columns out, width]: out = V·x·Hᵀ + grey·(1 − V·1·Hᵀ). So forward and backward see one
 * draw, no shape of the graph is random, and an image that stays unchanged does so to the last bit. As a defense Xie et
 * al. 2017, arXiv:1711.01991, section 3; as a way to look at a model arXiv:1803.06978, eq. 3.
 */
export function resizeAndPad(options: ResizeAndPad): GraphStage {
  const { odds, grey, flip, back } = options;
  const output = (input: InputSize): InputSize =>
    back ? input : { ...input, height: options.to(input), width: options.to(input) };
  return {
    name: 'resize-and-pad',
    output,
    draws: {
      shapes: (input) => ({
        vertical: [output(input).height, input.height],
        horizontal: [output(input).width, input.width],
      }),
      fill(out, random, input) {
        const [from, to] = [options.from(input), options.to(input)];
        const changed = random.uniform() < odds;
        const side = from + random.integer(Math.max(1, to - from));
        const [top, left] = [random.integer(to - side + 1), random.integer(to - side + 1)];
        const mirrored = random.uniform() < 0.5 && flip;
        const matrices = [
          [out['vertical'] as Float32Array, input.height, top, false],
          [out['horizontal'] as Float32Array, input.width, left, mirrored],
        ] as const;
        for (const [matrix, size, first, reversed] of matrices) {
          if (back && !changed) {
            for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
            continue;
          }
          const sources = nearest({ size, to, side: changed ? side : to, first: changed ? first : 0 });
          const placed = reversed ? sources.map((s) => (s < 0 ? s : size - 1 - s)) : sources;
          fill(matrix, placed, size, back ? size : to);
        }
      },
    },
    graph(input) {
      const { channels, height, width } = input;
      const { height: down, width: across } = output(input);
      const b = new GraphBuilder(undefined, { name: 'resize-and-pad' });
      const images = b.input('images', 'float32', ['N', channels, height, width]);
      const vertical = b.op('Unsqueeze', [b.input('vertical', 'float32', ['N', down, height]), b.ints([1])]);
      const horizontal = b.op('Unsqueeze', [
        b.input('horizontal', 'float32', ['N', across, width]),
        b.ints([1]),
      ]);
      const turned = b.op('Transpose', [horizontal], { perm: [0, 1, 3, 2] });
      const placed = (of: string): string => b.op('MatMul', [b.op('MatMul', [vertical, of]), turned]);
      const full = b.constant(
        tensor(new Float32Array(height * width).fill(1), [1, 1, height, width]),
        'full',
      );
      const around = b.op('Mul', [b.op('Sub', [b.scalar(1), placed(full)]), b.scalar(grey)]);
      b.output(b.op('Add', [placed(images), around]), 'images_out');
      return b.finish();
    },
  };
}

/** For each row of a square of `to` rows the row of the image that stands there, -1 around it. */
function nearest(at: { size: number; to: number; side: number; first: number }): number[] {
  const sources = Array.from({ length: at.to }, () => -1);
  for (let i = 0; i < at.side; i++) sources[at.first + i] = Math.floor((i * at.size) / at.side);
  return sources;
}

/** The matrix that puts source rows in their places, and then brings them linearly (half-pixel) to `rows` rows. */
function fill(matrix: Float32Array, sources: readonly number[], size: number, rows: number): void {
  const scale = sources.length / rows;
  for (let row = 0; row < rows; row++) {
    const at = Math.min(Math.max((row + 0.5) * scale - 0.5, 0), sources.length - 1);
    const low = Math.floor(at);
    for (const [place, weight] of [
      [low, 1 - (at - low)],
      [low + 1, at - low],
    ] as const) {
      const source = sources[place] ?? -1;
      if (source >= 0 && weight > 0)
        matrix[row * size + source] = (matrix[row * size + source] as number) + weight;
    }
  }
}
