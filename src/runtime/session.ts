import type { Dim } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';

/**
 * What graphs can run on: `webgpu` and `cuda` only where their drivers and libraries are installed. Their results differ
 * from the CPU's in the last digits, and are compared with those: see docs/devices.md.
 */
export const devices = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof devices)[number];

export interface SessionOptions {
  /** What error messages call the model. */
  name: string;
  /** Threads within one run; 1 by default: several hosts with one thread each are faster than one with several. */
  threads?: number;
  /** @default cpu */
  device?: Device;
  /** Graph optimisation of the runtime; `all` by default. Figures are bit-reproducible at one level only. */
  optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Writes the optimised graph there, for looking at. */
  optimizedModelPath?: string;
}

/** An input or output as the compiled model declares it. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Sizes, or the names of symbols ('' for one without a name). Empty for scalars and where no shape is declared. */
  readonly shape: readonly Dim[];
}

/** A compiled graph. `run` blocks the thread that calls it: long work belongs into a host. */
export interface Session {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the graph.
   * @param inputs every input of the model and nothing else, not changed before the promise settles
   * @param outputs names of those wanted; all by default
   * @param into arrays that outputs are written into, which then share their memory: of the right type and shape
   * @returns tensors of their own memory: later runs, `release` and writing into them disturb nothing
   * @throws AdvarenaError RUNTIME_INPUT, RUNTIME_OUTPUT (names, types, shapes), RUNTIME_RELEASED, RUNTIME_RUN;
   *   DEVICE_WRONG where a device computes another result than the CPU
   */
  run(
    inputs: Readonly<Record<string, AnyTensor>>,
    outputs?: readonly string[],
    into?: Readonly<Record<string, AnyTensor>>,
  ): Promise<Record<string, AnyTensor>>;
  /** Gives the memory back. The session cannot be used afterwards; releasing twice is harmless. */
  release(): Promise<void>;
}
