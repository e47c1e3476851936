import type { GraphBuilder } from '../../onnx/index.ts';
import { onnxType } from '../../onnx/index.ts';
import { add, div, mask, mul, scale, sub } from '../emit.ts';

/** How a sampler reads one axis of the image. */
export interface Sampling {
  readonly size: number;
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly padding: string;
  readonly alignCorners: boolean;
}

/** One pixel that contributes to each sample along an axis; all tensors [N, P] for P samples. */
export interface Tap {
  /** Index within the axis, int64. */
  readonly index: string;
  /** Interpolation weight, zero outside where padding is zeros. */
  readonly weight: string;
  /** Its derivative by the grid's coordinate; absent where it is zero. */
  readonly slope: string | undefined;
}

/** Parameter of the sampler's cubic kernel. */
const a = -0.75;

/** The taps of one axis for the grid's coordinates `g` in [-1, 1]. */
export function tapsOf(b: GraphBuilder, g: string, s: Sampling): Tap[] {
  const number = (v: number): string => b.scalar(v, b.dtype(g));
  const step = s.alignCorners ? (s.size - 1) / 2 : s.size / 2;
  let at = add(b, scale(b, g, step), number((s.size - 1) / 2));
  let slope: string = number(step);
  if (s.mode !== 'cubic') {
    if (s.padding === 'reflection') {
      const reflected = reflect(b, at, s);
      at = reflected.at;
      slope = mul(b, slope, reflected.slope);
    }
    if (s.padding !== 'zeros') {
      const top = number(s.size - 1);
      const low = mask(b, b.op('Greater', [at, number(0)]), g);
      slope = mul(b, mul(b, slope, low), mask(b, b.op('Less', [at, top]), g));
      at = b.op('Clip', [at, number(0), top]);
    }
  }
  if (s.mode === 'nearest') return [tap(b, b.op('Round', [at]), undefined, undefined, s)];
  const first = b.op('Floor', [at]);
  const t = sub(b, at, first);
  if (s.mode === 'linear')
    return [
      tap(b, first, sub(b, number(1), t), scale(b, slope, -1), s),
      tap(b, add(b, first, number(1)), t, slope, s),
    ];
  return [-1, 0, 1, 2].map((offset) => {
    const { weight, derivative } = cubic(b, t, offset);
    return tap(b, add(b, first, number(offset)), weight, mul(b, derivative, slope), s);
  });
}

function tap(
  b: GraphBuilder,
  place: string,
  weight: string | undefined,
  slope: string | undefined,
  s: Sampling,
): Tap {
  const number = (v: number): string => b.scalar(v, b.dtype(place));
  const inner = s.padding === 'reflection' && s.mode === 'cubic' ? reflect(b, place, s).at : place;
  const clipped = b.op('Clip', [inner, number(0), number(s.size - 1)]);
  const index = b.op('Cast', [clipped], { to: onnxType('int64') });
  const one = weight ?? number(1);
  if (s.padding !== 'zeros') return { index, weight: one, slope };
  const inside = mask(b, b.op('Equal', [clipped, place]), place);
  return {
    index,
    weight: mul(b, one, inside),
    slope: slope === undefined ? undefined : mul(b, slope, inside),
  };
}

/** Coordinates folded back at the borders: at pixel centres or at the outer edges. */
function reflect(b: GraphBuilder, x: string, s: Sampling): { at: string; slope: string } {
  const number = (v: number): string => b.scalar(v, b.dtype(x));
  const low = s.alignCorners ? 0 : -0.5;
  const width = s.alignCorners ? s.size - 1 : s.size;
  if (width === 0) return { at: scale(b, x, 0), slope: number(0) };
  const from = sub(b, x, number(low));
  const distance = b.op('Abs', [from]);
  const flips = b.op('Floor', [div(b, distance, number(width))]);
  const rest = sub(b, distance, scale(b, flips, width));
  const odd = b.op('Mod', [flips, number(2)], { fmod: 1 });
  // 1 on the way out, -1 on the way back.
  const direction = sub(b, number(1), scale(b, odd, 2));
  const folded = add(b, mul(b, direction, rest), scale(b, odd, width));
  return { at: add(b, folded, number(low)), slope: mul(b, direction, b.op('Sign', [from])) };
}

/** Keys' cubic weight of the pixel at `offset` from the floor, and its derivative by t. */
function cubic(b: GraphBuilder, t: string, offset: number): { weight: string; derivative: string } {
  const number = (v: number): string => b.scalar(v, b.dtype(t));
  const away = offset > 0;
  const d = away ? sub(b, number(offset), t) : sub(b, t, number(offset));
  const polynomial = (c: readonly number[]): string =>
    c.slice(1).reduce((sum, k) => add(b, mul(b, sum, d), number(k)), number(c[0] as number));
  const near = offset === 0 || offset === 1;
  const weight = near ? [a + 2, -(a + 3), 0, 1] : [a, -5 * a, 8 * a, -4 * a];
  const derivative = weight.slice(0, 3).map((k, i) => k * (3 - i) * (away ? -1 : 1));
  return { weight: polynomial(weight), derivative: polynomial(derivative) };
}
