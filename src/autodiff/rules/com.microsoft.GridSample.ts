import { stringAttribute } from '../../onnx/index.ts';
import { rewriteRule } from '../rule.ts';

/** The standard operator, whose modes have had shorter names since opset 20. */
export const comMicrosoftGridSample = rewriteRule({
  op: 'GridSample',
  domain: 'com.microsoft',
  needs: 'all sizes of the image but the batch',
  rewrite: ({ b, node }) => {
    const given = stringAttribute(node, 'mode', 'bilinear');
    const value = b.opset() < 20 ? given : given.replace(/^bi/, '');
    return [{ ...node, domain: '', attributes: { ...node.attributes, mode: { type: 'string', value } } }];
  },
});
