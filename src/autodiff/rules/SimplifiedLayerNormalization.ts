import { floatAttribute, intAttribute } from '../../onnx/index.ts';
import { rootMeanSquare } from '../root-mean-square.ts';
import { rewriteRule } from '../rule.ts';
import { range } from '../standardise.ts';

/** scale · x / √(mean square + ε) over the axes from `axis` on, by an older name than RMSNormalization. */
export const simplifiedLayerNormalization = rewriteRule({
  op: 'SimplifiedLayerNormalization',
  remarks: "the runtime's own, without a domain",
  needs: 'a known rank',
  rewrite: ({ b, node }) => {
    const [x, scale] = node.inputs as [string, string];
    const axis = intAttribute(node, 'axis', -1);
    const rank = b.shape(x)?.length;
    if (axis >= 0 && rank === undefined) return undefined;
    const axes = axis < 0 ? range(axis, 0) : range(axis, rank as number);
    return rootMeanSquare(b, node, { x, scale, axes, epsilon: floatAttribute(node, 'epsilon', 1e-5) });
  },
});
