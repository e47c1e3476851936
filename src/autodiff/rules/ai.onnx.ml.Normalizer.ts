import { stringAttribute } from '../../onnx/index.ts';
import { castTo } from '../emit.ts';
import { rewriteRule } from '../rule.ts';
import { tables } from '../table-models.ts';

const sizes: Readonly<Record<string, string>> = { L1: 'ReduceL1', L2: 'ReduceL2', MAX: 'ReduceMax' };

/** Each row over its size, which counts as 1 where it is 0. */
export const aiOnnxMlNormalizer = rewriteRule({
  op: 'Normalizer',
  domain: tables,
  needs: 'the norm L1, L2 or MAX',
  rewrite: ({ b, node }) => {
    const reduce = sizes[stringAttribute(node, 'norm', 'MAX')];
    if (reduce === undefined) return undefined;
    const x = castTo(b, node.inputs[0] as string, 'float32');
    const size = b.op(reduce, [x, b.ints([-1])], { keepdims: 1 });
    const safe = b.op('Where', [b.op('Equal', [size, b.scalar(0)]), b.scalar(1), size]);
    return [{ ...node, op: 'Div', domain: '', inputs: [x, safe], attributes: {} }];
  },
});
