import type { Dim, GraphBuilder } from '../../onnx/index.ts';
import { intAttribute, normalizeAxis } from '../../onnx/index.ts';
import { numbers } from '../../tensor/index.ts';
import { rewriteRule } from '../rule.ts';

/** The parts of a Split, noted for those that read the sequence. */
export const splitToSequence = rewriteRule({
  op: 'SplitToSequence',
  since: 11,
  needs: 'constant sizes of the parts',
  rewrite: ({ b, node, sequences }) => {
    const [x = '', split = ''] = node.inputs;
    const rank = b.shape(x)?.length;
    if (rank === undefined) return undefined;
    const axis = normalizeAxis(intAttribute(node, 'axis', 0), rank);
    const sizes = sizesOf(b, split, b.shape(x)?.[axis]);
    if (sizes === undefined || sizes.length === 0) return undefined;
    let parts = b.node('Split', [x, b.ints(sizes)], { axis }, { outputs: sizes.length });
    if (split === '' && intAttribute(node, 'keepdims', 1) === 0)
      parts = parts.map((p) => b.op('Squeeze', [p, b.ints([axis])]));
    sequences.set(node.outputs[0] as string, parts);
    return undefined;
  },
});

/** One by one where `split` is left out; equal parts and a rest where it is a single number. */
function sizesOf(b: GraphBuilder, split: string, whole: Dim | undefined): number[] | undefined {
  const constant = b.constantValue(split);
  if (split !== '' && constant === undefined) return undefined;
  if (constant !== undefined && constant.shape.length === 1) return numbers(constant);
  if (typeof whole !== 'number') return undefined;
  const part = constant === undefined ? 1 : (numbers(constant)[0] as number);
  return Array.from({ length: Math.ceil(whole / part) }, (_, i) => Math.min(part, whole - i * part));
}
