/** Adam's state for the variables of one image (Kingma and Ba 2014, arXiv:1412.6980, algorithm 1). */
export interface Adam {
  /** A step down the gradient, in place. The first one has the length `rate` in each variable that has a slope. */
  step(variables: Float32Array, gradient: Float32Array, rate: number): void;
}

/** @param size how many variables there are */
export function adam(size: number, { first = 0.9, second = 0.999, floor = 1e-8 } = {}): Adam {
  const mean = new Float32Array(size);
  const square = new Float32Array(size);
  let [left, leftOfSquares] = [1, 1];
  return {
    step(variables, gradient, rate) {
      left *= first;
      leftOfSquares *= second;
      const length = rate / (1 - left);
      const scale = 1 / Math.sqrt(1 - leftOfSquares);
      for (let i = 0; i < size; i++) {
        const g = gradient[i] as number;
        const m = first * (mean[i] as number) + (1 - first) * g;
        const v = second * (square[i] as number) + (1 - second) * g * g;
        mean[i] = m;
        square[i] = v;
        variables[i] = (variables[i] as number) - (length * m) / (scale * Math.sqrt(v) + floor);
      }
    },
  };
}
