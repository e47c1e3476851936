import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { intAttribute } from '../../onnx/index.ts';
import { reshapeLike, zerosLike } from '../emit.ts';

/**
 * Any MaxPool: adds `dy` at the indices of the maxima. A second pool finds them, so that the forward one, without
 * indices, keeps the runtime's blocked layout.
 */
export function scatterMaxima(b: GraphBuilder, node: Node, x: string, dy: string): string {
  let indices = node.outputs[1] ?? '';
  if (indices === '' || intAttribute(node, 'storage_order', 0) !== 0) {
    const { storage_order: _, ...attributes } = node.attributes;
    indices = b.node('MaxPool', [x], attributes, { outputs: 2, name: 'maxima' })[1] as string;
  }
  const flat = b.ints([-1]);
  const zeros = b.op('Reshape', [zerosLike(b, x), flat]);
  const at = b.op('Reshape', [indices, flat]);
  const values = b.op('Reshape', [dy, flat]);
  return reshapeLike(b, b.op('ScatterElements', [zeros, at, values], { axis: 0, reduction: 'add' }), x);
}
