import { intAttribute } from '../../onnx/index.ts';
import { defineRule } from '../rule.ts';

/** DepthToSpace of the mode DCR is the inverse. */
export const spaceToDepth = defineRule({
  op: 'SpaceToDepth',
  backward: ({ b, node, dy }) => [
    b.op('DepthToSpace', [dy[0]], { blocksize: intAttribute(node, 'blocksize', 1), mode: 'DCR' }),
  ],
});
