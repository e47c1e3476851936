import { type Images, rows } from '../tensor/index.ts';
import type { How } from './iterate.ts';

/**
 * The gradient becomes its convolution with a kernel, per channel, with zeros beyond the border (Dong et al. 2019,
 * arXiv:1904.02884, eq. 7): that of all shifts of the image at once, each as heavy as the kernel says.
 * @param kernel of one axis, of odd length; the other axis has the same
 */
export function smoothed(kernel: Float64Array): How {
  return (gradient) => convolve(gradient, kernel);
}

/** Densities of the normal at evenly spaced nodes from −3 to 3, which sum to 1: the authors' kernel of one axis. */
export function gaussianKernel(side: number): Float64Array {
  const nodes = Float64Array.from({ length: side }, (_, i) =>
    side === 1 ? 0 : (6 * (i - (side - 1) / 2)) / (side - 1),
  );
  const densities = nodes.map((node) => Math.exp(-(node ** 2) / 2));
  const sum = densities.reduce((a, d) => a + d, 0);
  return densities.map((d) => d / sum);
}

/**
 * Square roots of the normal's masses in bins side by side, the middles of the outermost `spread` away from 0, which sum
 * to 1: toshi-k's kernel of one axis. The wider the spread, the narrower the kernel; from some 100 on it is the centre alone.
 */
export function rootGaussianKernel(side: number, spread: number): Float64Array {
  const width = (2 * spread + 1) / side;
  const roots = Float64Array.from({ length: side }, (_, i) => Math.sqrt(mass(i - side / 2, width)));
  const sum = roots.reduce((a, r) => a + r, 0);
  return roots.map((r) => r / sum);
}

/** Of the normal's density, up to a factor: its mass from place·width on, over one width. */
function mass(place: number, width: number): number {
  const parts = Math.max(200, Math.ceil(8 * width));
  let sum = 0;
  for (let k = 0; k < parts; k++) sum += Math.exp(-((width * (place + (k + 0.5) / parts)) ** 2) / 2);
  return sum / parts;
}

/** In place, each plane along its columns and then along its rows. */
function convolve(images: Images, kernel: Float64Array): void {
  if (kernel.length === 1) return;
  const [count = 0, channels = 1, height = 1, width = 1] = images.shape;
  const half = (kernel.length - 1) / 2;
  const scratch = new Float64Array(height * width);
  for (let row = 0; row < count; row++) {
    const { data } = rows(images, row, row + 1);
    for (let channel = 0; channel < channels; channel++) {
      const plane = data.subarray(channel * height * width, (channel + 1) * height * width);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let k = Math.max(0, half - y); k < kernel.length && y + k - half < height; k++)
            sum += (kernel[k] as number) * (plane[(y + k - half) * width + x] as number);
          scratch[y * width + x] = sum;
        }
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          let sum = 0;
          for (let k = Math.max(0, half - x); k < kernel.length && x + k - half < width; k++)
            sum += (kernel[k] as number) * (scratch[y * width + x + k - half] as number);
          plane[y * width + x] = sum;
        }
    }
  }
}
