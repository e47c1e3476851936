import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { decided } from '../../onnx/index.ts';
import { numbers, scalar } from '../../tensor/index.ts';
import { rewriteRule } from '../rule.ts';
import { bodyOf, mostPasses, named, pass } from '../unroll.ts';

/** Its body as often as it runs, where constants and known shapes decide that. */
export const loop = rewriteRule({
  op: 'Loop',
  needs: `a trip count and condition that constants decide, of at most ${mostPasses} passes`,
  rewrite: ({ b, node }) => {
    const body = bodyOf(node);
    const [limit = '', start = '', ...initial] = node.inputs;
    const count = limit === '' ? mostPasses : tripCount(b, limit);
    if (body === undefined || count === undefined || count > mostPasses) return undefined;
    if (body.outputs.length < 1 + Math.max(initial.length, node.outputs.length)) return undefined;
    const made = new Map<string, Node>();
    let seen = 0;
    const holds = (condition: string): boolean | undefined => {
      for (const n of b.nodes.slice(seen)) for (const o of n.outputs) made.set(o, n);
      seen = b.nodes.length;
      return decided(b, made, condition);
    };
    let condition = start === '' ? b.constant(scalar(1, 'bool')) : start;
    let state: readonly string[] = initial;
    const scans: string[][] = body.outputs.slice(1 + state.length).map(() => []);
    let passes = 0;
    for (; passes < count; passes++) {
      const goes = holds(condition);
      if (goes === undefined) return undefined;
      if (!goes) break;
      const given = [b.constant(scalar(passes, 'int64')), condition, ...state];
      const [next, ...rest] = pass(b, node, body, given, `${node.outputs[0] ?? ''}_${passes}_`);
      condition = next as string;
      state = rest.slice(0, state.length);
      for (const [i, name] of rest.slice(state.length).entries())
        scans[i]?.push(b.op('Unsqueeze', [name, b.ints([0])]));
    }
    // Without a limit, what has not ended by itself may go on.
    if (limit === '' && passes === mostPasses) return undefined;
    if (scans.some((parts, i) => parts.length === 0 && read(node, state.length + i))) return undefined;
    return node.outputs.flatMap((output, i): Node[] => {
      if (output === '') return [];
      const kept = state[i];
      if (kept !== undefined) return [named(kept, output)];
      const parts = scans[i - state.length] as string[];
      if (parts.length === 0) return [];
      return [
        {
          ...named('', output),
          op: 'Concat',
          inputs: parts,
          attributes: { axis: { type: 'int', value: 0 } },
        },
      ];
    });
  },
});

function tripCount(b: GraphBuilder, limit: string): number | undefined {
  const constant = b.constantValue(limit);
  const known = constant === undefined ? b.contents(limit)?.[0] : numbers(constant)[0];
  return typeof known === 'number' ? known : undefined;
}

function read(node: Node, output: number): boolean {
  return (node.outputs[output] ?? '') !== '';
}
