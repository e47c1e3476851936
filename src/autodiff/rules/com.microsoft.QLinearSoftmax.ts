import { intAttribute } from '../../onnx/index.ts';
import { ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the Softmax of the dequantised input. */
export const comMicrosoftQLinearSoftmax = rewriteRule({
  op: 'QLinearSoftmax',
  domain: 'com.microsoft',
  needs: 'one axis: before opset 13 the last one',
  rewrite: ({ b, node }) => {
    const axis = intAttribute(node, 'axis', -1);
    const rank = b.shape(node.inputs[0] as string)?.length;
    const last = axis === -1 || axis + 1 === rank;
    if (!last && intAttribute(node, 'opset', 1) < 13) return undefined;
    return ofOne(b, node, (x) => b.op('Softmax', [x], { axis: last ? -1 : axis }));
  },
});
