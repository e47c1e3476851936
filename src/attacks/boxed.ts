import { adam } from './adam.ts';

/** An image as Adam moves it, which never leaves the pixel range. */
export interface Boxed {
  /** The image. Filled anew by each step. */
  readonly point: Float32Array;
  /** A step of Adam down this gradient of the image, which is overwritten. */
  step(gradient: Float32Array, rate: number): void;
}

/** Just inside the range, for tanh never reaches its ends: pixels of 0 and 1 could not move (the authors' code). */
const inside = 1 - 1e-6;

/**
 * An image under Adam.
 * @param box `tanh`: steps in w of x = (tanh w + 1)/2 (Carlini and Wagner 2016, arXiv:1608.04644, eq. 7); `projection`:
 *   steps of the image itself, cut to the range
 */
export function boxed(start: Float32Array, box: 'tanh' | 'projection'): Boxed {
  const size = start.length;
  const state = adam(size);
  const point = start.slice();
  if (box === 'projection')
    return {
      point,
      step(gradient, rate) {
        state.step(point, gradient, rate);
        for (let i = 0; i < size; i++) point[i] = Math.min(1, Math.max(0, point[i] as number));
      },
    };
  const w = start.map((x) => Math.atanh((2 * x - 1) * inside));
  /** dx/dw, of which float32 would know nothing near the ends. */
  const slopes = new Float64Array(size);
  const fill = (): void => {
    for (let i = 0; i < size; i++) {
      // (1 + tanh w)/2 is 1/(1 + e^(−2w)), and an exponential is the cheaper.
      const e = Math.min(Math.exp(-2 * (w[i] as number)), 1e100);
      const x = 1 / (1 + e);
      point[i] = x;
      slopes[i] = 2 * e * x * x;
    }
  };
  fill();
  return {
    point,
    step(gradient, rate) {
      for (let i = 0; i < size; i++) gradient[i] = (slopes[i] as number) * (gradient[i] as number);
      state.step(w, gradient, rate);
      fill();
    },
  };
}
