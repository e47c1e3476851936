import { floatsAttribute } from '../../onnx/index.ts';
import { castTo, sub } from '../emit.ts';
import { rewriteRule } from '../rule.ts';
import { tables } from '../table-models.ts';

/** (x − offset) · scale, each of one number or one per feature. */
export const aiOnnxMlScaler = rewriteRule({
  op: 'Scaler',
  domain: tables,
  needs: 'offset and scale',
  rewrite: ({ b, node }) => {
    const [offset, scale] = [floatsAttribute(node, 'offset'), floatsAttribute(node, 'scale')];
    if (offset === undefined || scale === undefined) return undefined;
    const x = castTo(b, node.inputs[0] as string, 'float32');
    const inputs = [sub(b, x, b.floats(offset)), b.floats(scale)];
    return [{ ...node, op: 'Mul', domain: '', inputs, attributes: {} }];
  },
});
