import type { Graph } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { inferSidecar } from './infer-sidecar.ts';
import { networkGraph } from './network.ts';
import type { SidecarEntries } from './sidecar.ts';

/**
 * Why a network cannot be made of a graph and these entries, a sentence; undefined where it can.
 * @param model what messages call it
 */
export function contradictionOf(graph: Graph, model: string, entries: SidecarEntries): string | undefined {
  try {
    networkGraph(graph, inferSidecar(graph, model, { given: entries }), { name: model });
    return undefined;
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    return error.message;
  }
}
