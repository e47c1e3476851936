import { gradient } from '../../src/autodiff/index.ts';
import type { Graph } from '../../src/onnx/index.ts';
import { check, readModel, writeModel } from '../../src/onnx/index.ts';
import { AdvarenaError } from '../../src/tensor/index.ts';
import { faultOf } from './fault.ts';

export interface Outcome {
  /** Undefined where the model was read, checked, differentiated and written. */
  readonly code: string | undefined;
  /** What no input may cause: another error than the project's own, or one whose sentence is the engine's. */
  readonly fault: string | undefined;
  readonly milliseconds: number;
  /** Bytes of all constants read. */
  readonly bytes: number;
}

/** A file of weights of 64 bytes, whatever its name. */
const external = (_: string, { offset, length }: { offset: number; length: number }): Uint8Array =>
  new Uint8Array(64).subarray(offset, offset + length);

/** Takes the bytes of a model, sound or not, as far as they go. Never throws. */
export function outcomeOf(model: Uint8Array): Outcome {
  const start = performance.now();
  let bytes = 0;
  let code: string | undefined;
  let fault: string | undefined;
  try {
    const graph = readModel(model, { external });
    bytes = bytesIn(graph);
    check(graph, { name: 'fuzzed' });
    const [of, wrt] = [graph.outputs[0]?.name, graph.inputs[0]?.name];
    if (of !== undefined && wrt !== undefined) writeModel(gradient(graph, { of, wrt: [wrt] }));
    readModel(writeModel(graph));
  } catch (error) {
    if (error instanceof AdvarenaError) code = error.code;
    fault = faultOf(error);
  }
  return { code, fault, milliseconds: performance.now() - start, bytes };
}

function bytesIn(graph: Graph): number {
  let bytes = 0;
  for (const t of graph.initializers.values()) if (t.dtype !== 'string') bytes += t.data.byteLength;
  return bytes;
}
