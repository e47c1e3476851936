import type { Graph, GraphBuilder, Node, ValueInfo } from '../onnx/index.ts';
import { nodeLabel, reads } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

/** Loops of more passes stay as they are: their unrolled graph would not be worth loading. */
export const mostPasses = 1024;

/** The graph in an attribute of a node, if there is one. */
export function bodyOf(node: Node, name = 'body'): Graph | undefined {
  const a = node.attributes[name];
  return a?.type === 'graph' ? a.value : undefined;
}

/**
 * Appends one pass of a loop's body.
 * @param inputs the tensor that stands for each input of the body, in order
 * @returns the tensors that its outputs are
 * @throws AdvarenaError MODEL_INPUTS if the body takes another number of inputs
 */
export function pass(
  b: GraphBuilder,
  node: Node,
  body: Graph,
  inputs: readonly string[],
  prefix: string,
): string[] {
  if (body.inputs.length !== inputs.length)
    throw new AdvarenaError(
      'MODEL_INPUTS',
      `The body of ${node.op} has ${body.inputs.length} inputs where ${inputs.length} are passed.`,
      { where: `node ${nodeLabel(node)}`, remedy: 'Export the model again.' },
    );
  // Names may be such as every object has, __proto__ among them.
  const given = Object.create(null) as Record<string, string>;
  for (const [i, input] of body.inputs.entries()) given[input.name] = inputs[i] as string;
  const own = new Set(Object.keys(given));
  const outer = [...new Set(reads({ ...node, inputs: [] }))].filter((name) => !own.has(name));
  for (const name of outer) given[name] = name;
  const open: ValueInfo[] = outer.map((name) => ({ name, dtype: 'float32', shape: undefined }));
  return b.include({ ...body, inputs: [...body.inputs, ...open] }, given, prefix);
}

/** A node that gives `from` the name `to`. */
export function named(from: string, to: string): Node {
  return { op: 'Identity', domain: '', name: '', inputs: [from], outputs: [to], attributes: {} };
}
