import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { type InspectionFlag, plateausOf } from './flags.ts';
import { differentiablePath } from './path.ts';
import { prepare } from './prepare.ts';

/**
 * What is suspicious about the gradient of a graph however it is run; `inspect` tells all else too, what may saturate
 * and what it costs.
 * @param ends the output to differentiate and the tensor with respect to which
 * @throws AdvarenaError GRAPH_FUNCTION, ONNX_OPSET, MODEL_INPUTS for graphs that cannot be read in the newest form
 */
export function suspicionsOf(graph: Graph, { of, wrt }: { of: string; wrt: string }): InspectionFlag[] {
  const b = new GraphBuilder(prepare(graph, [of, wrt]));
  const found = plateausOf({ b, of, wrt, path: differentiablePath(b.nodes, b, [wrt], of) });
  // Most networks with tanh or sigmoids have gradients everywhere: where they vanish, images tell it.
  return found.filter(({ code }) => code !== 'SATURATION');
}
