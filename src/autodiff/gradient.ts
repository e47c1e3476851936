import type { Graph, Node } from '../onnx/index.ts';
import { GraphBuilder, inline, nodeLabel, prune, reads, upgrade } from '../onnx/index.ts';
import type { DType } from '../tensor/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { add, expandLike, unbroadcast, zerosLike } from './emit.ts';
import type { Rule } from './rule.ts';
import { rules } from './rules/index.ts';

export interface GradientOptions {
  /** Output (or inner tensor) whose weighted sum is differentiated. */
  of: string;
  /** Tensors, usually graph inputs, with respect to which it is. */
  wrt: readonly string[];
  /**
   * Weights of the sum: `ones` (the gradient of the plain sum, the default) or `input`, a new graph input of
   * the shape of `of`, named `cotangent`.
   */
  cotangent?: 'ones' | 'input';
  /** Outputs of the resulting graph besides the gradients; by default the graph's own. */
  keep?: readonly string[];
  /** Rules used instead of the catalog's, or where the catalog has none, by `Op` or `domain.Op`. */
  overrides?: Readonly<Record<string, Rule>>;
}

const floatTypes: ReadonlySet<DType> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * The graph extended by the gradient of Σ of·cotangent with respect to `wrt`, in standard ONNX operators.
 *
 * Its outputs are those kept, then one gradient per name of `wrt`, in that order and in the shape of the tensor.
 * A graph below opset 18 is upgraded first, so that one form of every operator has a rule.
 * @throws AdvarenaError NO_GRADIENT if an operator on the path has no rule (the node and the remedy are named),
 *   GRAPH_NAME if `of` or `wrt` names no tensor of the graph.
 */
export function gradient(graph: Graph, options: GradientOptions): Graph {
  const base = upgrade(inline(graph, [options.of, ...options.wrt]));
  const b = new GraphBuilder(base);
  const known = new Set([
    ...base.inputs.map((i) => i.name),
    ...base.initializers.keys(),
    ...base.nodes.flatMap((n) => n.outputs),
  ]);
  for (const name of [options.of, ...options.wrt]) {
    if (!known.has(name))
      throw new AdvarenaError('GRAPH_NAME', `The graph has no tensor "${name}".`, {
        remedy: `Its inputs are ${base.inputs.map((i) => i.name).join(', ')}; its outputs ${base.outputs.map((o) => o.name).join(', ')}.`,
      });
  }
  const forward = [...b.nodes];
  const path = differentiablePath(forward, b, options.wrt, options.of);

  const gradients = new Map<string, string>();
  const seed =
    options.cotangent === 'input'
      ? b.input('cotangent', b.dtype(options.of), b.shape(options.of) ?? [])
      : expandLike(b, b.scalar(1, b.dtype(options.of)), options.of);
  gradients.set(options.of, seed);

  for (const node of forward.toReversed()) {
    if (!node.outputs.some((o) => o !== '' && gradients.has(o) && path.has(o))) continue;
    if (!node.inputs.some((i) => path.has(i)) && !reads(node).some((i) => path.has(i))) continue;
    const rule = findRule(node, options.overrides, b.opset(node.domain));
    const needs = (i: number): boolean => {
      const name = node.inputs[i];
      return name !== undefined && name !== '' && path.has(name);
    };
    const found = rule.backward({
      b,
      node,
      opset: b.opset(node.domain),
      x: node.inputs,
      y: node.outputs,
      dy: node.outputs.map((o) => gradients.get(o)),
      needs,
    });
    for (const [i, name] of node.inputs.entries()) {
      const contribution = found[i];
      if (contribution === undefined || !needs(i)) continue;
      const shaped = unbroadcast(b, contribution, name);
      const before = gradients.get(name);
      gradients.set(name, before === undefined ? shaped : add(b, before, shaped));
    }
  }

  const kept = options.keep ?? base.outputs.map((o) => o.name);
  const results = options.wrt.map((name) => {
    const g = gradients.get(name) ?? zerosLike(b, name);
    return b.node('Identity', [g], {}, { outputs: [`grad_${name}`] })[0] as string;
  });
  b.setOutputs([...kept, ...results]);
  return prune(b.finish());
}

/** Tensors of float type that depend on `wrt` and lead to `of`: only they carry gradients. */
export function differentiablePath(
  nodes: readonly Node[],
  b: GraphBuilder,
  wrt: readonly string[],
  of: string,
): Set<string> {
  const dependent = new Set(wrt);
  for (const node of nodes)
    if (reads(node).some((i) => dependent.has(i)))
      for (const o of node.outputs) if (o !== '' && carries(b, o)) dependent.add(o);
  const leading = new Set([of]);
  for (const node of nodes.toReversed())
    if (node.outputs.some((o) => leading.has(o))) for (const i of reads(node)) leading.add(i);
  return new Set([...dependent].filter((name) => leading.has(name)));
}

/** Unknown types are taken to carry a gradient: better a named error than a silent zero. */
function carries(b: GraphBuilder, name: string): boolean {
  const type = b.type(name);
  return type === undefined || floatTypes.has(type.dtype);
}

function findRule(node: Node, overrides: GradientOptions['overrides'], opset: number): Rule {
  const key = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const rule = overrides?.[key] ?? rules.get(key);
  if (rule !== undefined) return rule;
  throw new AdvarenaError('NO_GRADIENT', `No gradient rule for ${key} (opset ${opset}).`, {
    where: `node ${nodeLabel(node)}`,
    remedy: `Pass a rule for it in overrides, or add src/autodiff/rules/${key}.ts.`,
  });
}
