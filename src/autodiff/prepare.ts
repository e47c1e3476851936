import type { Graph, Node } from '../onnx/index.ts';
import { GraphBuilder, inline, namesIn, upgrade } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { operatorOf } from './path.ts';
import { poolBeforeConcat } from './pooled.ts';
import type { RewriteContext, Rule } from './rule.ts';
import { rules } from './rules/index.ts';
import { widen } from './widen.ts';

/** Rewritings within rewritings deeper than this do not end. */
const deepest = 16;

/**
 * The graph as it is differentiated: functions and decided branches inlined, in opset 18 or newer, computed in
 * float32 instead of 16 bits, and operators whose rule is a rewriting replaced by the operators they stand for.
 * Names of tensors stay, and the types of inputs and outputs.
 * @param keep tensors beside the outputs that must stay
 * @param overrides rules used instead of the catalog's
 */
export function prepare(
  graph: Graph,
  keep: readonly string[],
  overrides: Readonly<Record<string, Rule>> = {},
): Graph {
  const rule = (node: Node): Rule | undefined => overrides[operatorOf(node)] ?? rules.get(operatorOf(node));
  let out = widen(upgrade(inline(graph, keep)));
  for (let depth = 0; depth < deepest; depth++) {
    const next = rewriteOnce(out, rule);
    if (next === undefined) break;
    out = inline(next, keep);
  }
  return inline(poolBeforeConcat(out), keep);
}

/** Undefined where nothing is to be rewritten. */
function rewriteOnce(graph: Graph, ruleOf: (node: Node) => Rule | undefined): Graph | undefined {
  if (!graph.nodes.some((n) => ruleOf(n)?.rewrite !== undefined)) return undefined;
  const b = new GraphBuilder({ ...graph, nodes: [] });
  for (const name of namesIn(graph)) b.unique(name);
  const sequences = new Map<string, readonly string[]>();
  let changed = false;
  for (const node of graph.nodes) {
    const made = rewritten(ruleOf(node), { b, node, opset: b.opset(node.domain), sequences });
    changed ||= made !== undefined;
    for (const n of made ?? [node]) b.append(n);
    const parts = node.op === 'Identity' ? sequences.get(node.inputs[0] as string) : undefined;
    if (parts !== undefined) sequences.set(node.outputs[0] as string, parts);
  }
  return changed ? b.finish() : undefined;
}

/** Inputs or attributes that a rewriting of the catalog does not expect leave the node as it is: its rule then refuses. */
function rewritten(rule: Rule | undefined, context: RewriteContext): readonly Node[] | undefined {
  try {
    return rule?.rewrite?.(context);
  } catch (thrown) {
    const own = rule !== rules.get(operatorOf(context.node));
    if (own || (thrown instanceof AdvarenaError && thrown.code !== 'NO_GRADIENT')) throw thrown;
    return undefined;
  }
}
