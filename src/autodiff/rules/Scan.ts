import type { GraphBuilder, Node } from '../../onnx/index.ts';
import { intAttribute, intsAttribute, normalizeAxis } from '../../onnx/index.ts';
import { rewriteRule } from '../rule.ts';
import { bodyOf, mostPasses, named, pass } from '../unroll.ts';

/** Its body once for each slice of the scanned inputs. */
export const scan = rewriteRule({
  op: 'Scan',
  since: 8,
  remarks: 'that of opset 8 needs its batch known too, and is refused with sequence_lens',
  needs: `the length of the axis scanned, at most ${mostPasses}`,
  rewrite: ({ b, node }) => {
    const body = bodyOf(node);
    const scanned = intAttribute(node, 'num_scan_inputs', 0);
    const states = node.inputs.length - scanned;
    const inputs = node.inputs.slice(states).map((name, i) => axisOf(b, node, name, i));
    const length = inputs[0]?.size;
    if (body === undefined || typeof length !== 'number' || length === 0 || length > mostPasses)
      return undefined;
    const outputs = node.outputs.slice(states).map((): string[] => []);
    const outputAxes = intsAttribute(node, 'scan_output_axes');
    const backward = intsAttribute(node, 'scan_output_directions');
    const axis = (i: number): number => outputAxes?.[i] ?? 0;
    let state: readonly string[] = node.inputs.slice(0, states);
    for (let t = 0; t < length; t++) {
      const slices = inputs.map((x) => {
        const at = b.scalar(x.reversed ? length - 1 - t : t, 'int64');
        return b.op('Gather', [x.name, at], { axis: x.axis });
      });
      const made = pass(b, node, body, [...state, ...slices], `${node.outputs[0] ?? ''}_${t}_`);
      state = made.slice(0, states);
      for (const [i, name] of made.slice(states).entries()) {
        const part = b.op('Unsqueeze', [name, b.ints([axis(i)])]);
        if (backward?.[i] === 1) outputs[i]?.unshift(part);
        else outputs[i]?.push(part);
      }
    }
    return node.outputs.flatMap((output, i): Node[] => {
      if (output === '') return [];
      const kept = state[i];
      if (kept !== undefined) return [named(kept, output)];
      const value = axis(i - states);
      const parts = outputs[i - states] as string[];
      return [
        { ...named('', output), op: 'Concat', inputs: parts, attributes: { axis: { type: 'int', value } } },
      ];
    });
  },
});

interface Scanned {
  readonly name: string;
  readonly axis: number;
  readonly size: number | string | undefined;
  readonly reversed: boolean;
}

function axisOf(b: GraphBuilder, node: Node, name: string, i: number): Scanned {
  const shape = b.shape(name);
  const given = intsAttribute(node, 'scan_input_axes')?.[i] ?? 0;
  const axis = shape === undefined ? given : normalizeAxis(given, shape.length);
  const reversed = intsAttribute(node, 'scan_input_directions')?.[i] === 1;
  return { name, axis, size: shape?.[axis], reversed };
}
