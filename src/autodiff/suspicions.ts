import { type Graph, GraphBuilder, inline } from '../onnx/index.ts';
import { flagsOf, type InspectionFlag } from './flags.ts';
import { differentiablePath } from './path.ts';
import { prepare } from './prepare.ts';

/**
 * What is suspicious about a graph, without the cost and the gradient that `inspect` works out beside it.
 * @param ends the output to differentiate and the tensor with respect to which
 */
export function suspicionsOf(graph: Graph, { of, wrt }: { of: string; wrt: string }): InspectionFlag[] {
  const b = new GraphBuilder(prepare(graph, [of, wrt]));
  const path = differentiablePath(b.nodes, b, [wrt], of);
  return flagsOf({ graph, flat: inline(graph, [of, wrt]), b, of, wrt, path });
}
