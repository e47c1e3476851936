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
  const [down, across] = [waves(height), waves(width)];
  const partial = new Float64Array(height * width);
  const used = new Uint8Array(width);
  for (let k = 0; k < height; k++)
    for (let l = 0; l < width; l++) {
      const c = coefficients[k * width + l] as number;
      if (c === 0) continue;
      used[l] = 1;
      for (let i = 0, m = k; i < height; i++, m = (m + 2 * k) % (4 * height))
        partial[i * width + l] =
          (partial[i * width + l] as number) + c * (k === 0 ? flat(height) : (down[m] as number));
    }
  const out = new Float64Array(height * width);
  for (let l = 0; l < width; l++) {
    if (used[l] === 0) continue;
    for (let j = 0, m = l; j < width; j++, m = (m + 2 * l) % (4 * width)) {
      const wave = l === 0 ? flat(width) : (across[m] as number);
      for (let i = 0; i < height; i++)
        out[i * width + j] = (out[i * width + j] as number) + wave * (partial[i * width + l] as number);
    }
  }
  return out;
}

/** The entry of a constant wave of length 1. */
const flat = (n: number): number => 1 / Math.sqrt(n);

const tables = new Map<number, Float64Array>();

/** One period of the cosine, by which the unit wave of frequency k has cos π(2i+1)k / 2n at i: entry (2i+1)k. */
function waves(n: number): Float64Array {
  let table = tables.get(n);
  if (table === undefined) {
    const scale = Math.sqrt(2 / n);
    table = Float64Array.from({ length: 4 * n }, (_, m) => scale * Math.cos((Math.PI * m) / (2 * n)));
    tables.set(n, table);
  }
  return table;
}
