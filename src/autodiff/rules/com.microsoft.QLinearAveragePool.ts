import type { Attribute, GraphBuilder, Node } from '../../onnx/index.ts';
import {
  concrete,
  intAttribute,
  intsAttribute,
  windowCount,
  windowSpan,
  windowsOf,
} from '../../onnx/index.ts';
import { channelsFirst, ofOne } from '../quantised.ts';
import { rewriteRule } from '../rule.ts';

/** QuantizeLinear of the AveragePool of the dequantised input. */
export const comMicrosoftQLinearAveragePool = rewriteRule({
  op: 'QLinearAveragePool',
  domain: 'com.microsoft',
  needs: 'known sizes where windows overhang the padding that counts',
  rewrite: ({ b, node }) => {
    const { channels_last: _, ...attributes } = node.attributes;
    const overhangs = ['ceil_mode', 'count_include_pad'].every((name) => intAttribute(node, name, 0) === 1);
    const pads = overhangs ? wholePadding(b, node) : {};
    if (pads === undefined) return undefined;
    const pool = (x: string): string => b.op('AveragePool', [x], { ...attributes, ...pads });
    return ofOne(b, node, (x) => channelsFirst(b, node, { x }, pool));
  },
});

/** Here what windows overhang counts as padding, which in AveragePool it does not. */
function wholePadding(b: GraphBuilder, node: Node): Record<string, Attribute> | undefined {
  const shape = b.shape(node.inputs[0] as string);
  const last = intAttribute(node, 'channels_last', 0) === 1;
  const sizes = concrete(last ? shape?.slice(1, -1) : shape?.slice(2));
  if (sizes === undefined) return undefined;
  const windows = windowsOf(node, intsAttribute(node, 'kernel_shape') ?? sizes, sizes);
  if (windows === undefined) return undefined;
  const { begin, end, strides } = windows;
  const covered = sizes.map((size, i) => {
    const count = windowCount(windows, i, size) as number;
    const reach = (count - 1) * (strides[i] as number) + windowSpan(windows, i);
    return Math.max(end[i] as number, reach - size - (begin[i] as number));
  });
  return {
    auto_pad: { type: 'string', value: 'NOTSET' },
    pads: { type: 'ints', value: [...begin, ...covered] },
  };
}
