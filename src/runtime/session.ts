import type { AnyTensor } from '../tensor/index.ts';

export type Device = 'cpu' | 'webgpu' | 'cuda';

export interface SessionOptions {
  /** What error messages call the model. */
  name: string;
  /** Threads within one run; 1 by default: several hosts with one thread each are faster than one with several. */
  threads?: number;
  device?: Device;
  /** Graph optimisation of the runtime; `all` by default. Figures are bit-reproducible at one level only. */
  optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /** Writes the optimised graph there, for looking at. */
  optimizedModelPath?: string;
}

/** A compiled graph. `run` blocks the thread that calls it. */
export interface Session {
  /** Runs the graph. @param outputs names of those wanted; all by default */
  run(
    inputs: Readonly<Record<string, AnyTensor>>,
    outputs?: readonly string[],
  ): Promise<Record<string, AnyTensor>>;
  /** Gives the memory back. The session cannot be used afterwards. */
  release(): Promise<void>;
}
