import { intAttribute } from '../../onnx/index.ts';
import { zerosLike } from '../emit.ts';
import { fullIndices, scatterRows } from '../indexing.ts';
import { defineRule } from '../rule.ts';

/** dy is added where the indices point. */
export const gatherND = defineRule({
  op: 'GatherND',
  since: 11,
  backward: ({ b, node, x, dy }) => {
    const indices = fullIndices(b, x[1] as string, intAttribute(node, 'batch_dims', 0));
    return [scatterRows(b, zerosLike(b, x[0] as string), indices, dy[0] as string, 'add')];
  },
});
