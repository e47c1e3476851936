/**
 * The image of two-dimensional cosine coefficients: the inverse of the orthonormal transform of type II, in float64.
 * Rows and columns of zeros cost nothing, so that low frequencies alone are cheap.
 * @param coefficients [height, width], the constant first
 * @returns [height, width], of the same L2 length
 * @throws RangeError unless there are height · width of them
 */
export function inverseDct(coefficients: Float64Array, height: number, width: number): Float64Array {
  if (coefficients.length !== height * width)
    throw new RangeError(`${coefficients.length} coefficients are not ${height} x ${width}`);
  const [down, across] = [cosines(height), cosines(width)];
  const partial = new Float64Array(height * width);
  const used = new Uint8Array(width);
  for (let k = 0; k < height; k++)
    for (let l = 0; l < width; l++) {
      const c = coefficients[k * width + l] as number;
      if (c === 0) continue;
      used[l] = 1;
      for (let i = 0; i < height; i++)
        partial[i * width + l] = (partial[i * width + l] as number) + c * down(k, i);
    }
  const out = new Float64Array(height * width);
  for (let l = 0; l < width; l++) {
    if (used[l] === 0) continue;
    const wave = Float64Array.from({ length: width }, (_, j) => across(l, j));
    for (let i = 0; i < height; i++) {
      const c = partial[i * width + l] as number;
      for (let j = 0; j < width; j++)
        out[i * width + j] = (out[i * width + j] as number) + c * (wave[j] as number);
    }
  }
  return out;
}

/** The entry at i of the unit wave of frequency k: cos π(2i+1)k / 2n, scaled. */
function cosines(n: number): (k: number, i: number) => number {
  const period = 4 * n;
  const scale = Math.sqrt(2 / n);
  const table = Float64Array.from({ length: period }, (_, m) => scale * Math.cos((Math.PI * m) / (2 * n)));
  return (k, i) => (k === 0 ? Math.SQRT1_2 * scale : (table[((2 * i + 1) * k) % period] as number));
}
