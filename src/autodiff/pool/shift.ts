import type { GraphBuilder } from '../../onnx/index.ts';

/** Picks along one axis: out[i] = in[stride·i + offset], zero where that lies outside. */
export interface Pick {
  readonly offset: number;
  readonly stride: number;
  readonly inputs: number;
  readonly outputs: number;
}

/** The taps of the one-hot convolution that picks. */
interface Hot {
  readonly length: number;
  readonly at: number;
  readonly begin: number;
  readonly end: number;
}

/** A window that starts at or before the picked element and ends where the wanted number of outputs needs it. */
function hot(p: Pick): Hot {
  const begin = Math.max(0, -p.offset);
  const at = Math.max(0, p.offset);
  const covered = (p.outputs - 1) * p.stride;
  // One more output would need `stride` more elements: less are to be left over.
  const length = Math.max(at + 1, p.inputs + begin - covered - p.stride + 1);
  return { length, at, begin, end: Math.max(0, covered + length - p.inputs - begin) };
}

export function isIdentity(p: Pick): boolean {
  return p.offset === 0 && p.stride === 1 && p.inputs === p.outputs;
}

/** How many taps the convolution of a pick has. */
export function tapsOf(p: Pick): number {
  return hot(p).length;
}

/** Whether a pick reads outside its input. */
export function readsOutside(p: Pick): boolean {
  return p.offset < 0 || (p.outputs - 1) * p.stride + p.offset >= p.inputs;
}

/**
 * weight·pick(x) + bias, as a depthwise one-hot Conv: shifts, strides, padding and cropping in the runtime's blocked
 * layout, and an Add or HardSigmoid behind it is fused.
 */
export function pick(
  b: GraphBuilder,
  x: string,
  rows: Pick,
  columns: Pick,
  weight: number,
  bias?: number,
): string {
  const channels = b.shape(x)?.[1] as number;
  const [r, c] = [hot(rows), hot(columns)];
  const area = r.length * c.length;
  const data = new Float32Array(channels * area);
  for (let i = 0; i < channels; i++) data[i * area + r.at * c.length + c.at] = weight;
  const w = b.constant({ dtype: 'float32', shape: [channels, 1, r.length, c.length], data }, 'pick');
  const biases =
    bias === undefined
      ? undefined
      : b.constant(
          { dtype: 'float32', shape: [channels], data: new Float32Array(channels).fill(bias) },
          'bias',
        );
  return b.op('Conv', [x, w, biases], {
    group: channels,
    strides: [rows.stride, columns.stride],
    pads: [r.begin, c.begin, r.end, c.end],
  });
}
