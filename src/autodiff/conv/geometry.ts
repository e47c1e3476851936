import type { GraphBuilder, Node, Windows } from '../../onnx/index.ts';
import { concrete, intAttribute, nodeLabel, windowsOf } from '../../onnx/index.ts';
import { SizeUnknown } from '../rule.ts';

/** A convolution with all sizes but the batch known. */
export interface ConvGeometry {
  readonly group: number;
  /** Input and output channels, over all groups. */
  readonly cin: number;
  readonly cout: number;
  /** Spatial sizes of the input and the output. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly windows: Windows;
}

/** Reads the geometry of a Conv node. @throws AdvarenaError NO_GRADIENT where a size is not known */
export function convGeometry(b: GraphBuilder, node: Node): ConvGeometry {
  const [x, w] = node.inputs as [string, string];
  const input = spatialSizes(b, node, x);
  const output = spatialSizes(b, node, node.outputs[0] as string);
  const weight = b.sizes(w);
  const windows = weight === undefined ? undefined : windowsOf(node, weight.slice(2), input);
  if (weight === undefined || windows === undefined) throw unknownSize(node, w);
  const group = intAttribute(node, 'group', 1);
  return { group, cin: (weight[1] as number) * group, cout: weight[0] as number, input, output, windows };
}

/** Sizes of the axes after batch and channels. @throws AdvarenaError NO_GRADIENT where one is not known */
export function spatialSizes(b: GraphBuilder, node: Node, name: string): number[] {
  const sizes = concrete(b.shape(name)?.slice(2));
  if (sizes === undefined) throw unknownSize(node, name);
  return sizes;
}

/** The error for a rule that needs a size that only running the graph would show. */
export function unknownSize(node: Node, name: string): SizeUnknown {
  return new SizeUnknown(
    `The gradient of ${node.op} needs all sizes of "${name}" but the batch.`,
    `node ${nodeLabel(node)}`,
    'Fix the image size in the model: only its first axis may be free.',
  );
}
