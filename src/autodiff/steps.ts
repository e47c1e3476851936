import type { GraphBuilder, Node } from '../onnx/index.ts';
import { between, reads, shapeOnly } from '../onnx/index.ts';
import { isFloat } from './emit.ts';
import { operatorOf } from './path.ts';
import { rules } from './rules/index.ts';

/** A graph with the tensors that carry the gradient between two ends. */
export interface Carried {
  readonly b: GraphBuilder;
  readonly of: string | undefined;
  readonly wrt: string | undefined;
  readonly path: ReadonlySet<string>;
}

/** What a mask of zeros and ones may pass on its way to what it masks. */
const beside: ReadonlySet<string> = new Set(
  'Add Cast Div Expand Flatten Identity Mul Neg Reshape Squeeze Sub Transpose Unsqueeze Where'.split(' '),
);

/**
 * Nodes at which a part of the output is piecewise constant in the input: those that round, and those from whose
 * comparisons and indices numbers are made. A comparison that chooses between values with gradients, as in Relu written
 * with Where or as a mask, is none: the gradient is the function's own.
 */
export function stepsOf({ b, of, wrt, path }: Carried): readonly Node[] {
  if (of === undefined || wrt === undefined) return [];
  const values = b.nodes.filter((n) => !shapeOnly.has(n.op));
  const { nodes, dependent, leading } = between(values, [wrt], [of]);
  const float = (name: string): boolean => isFloat(b.dtype(name));
  /** Numbers that depend on the input and have no gradient. */
  const flat = (name: string): boolean =>
    dependent.has(name) && leading.has(name) && !path.has(name) && (float(name) || name === of);
  const readers = new Map<string, Node[]>();
  for (const n of nodes)
    for (const name of new Set(reads(n))) readers.set(name, [...(readers.get(name) ?? []), n]);

  /** Whether numbers matter by themselves. @param mask made of a comparison alone */
  const counts = (name: string, mask: boolean, seen = new Set<string>()): boolean => {
    const key = `${mask} ${name}`;
    if (seen.has(key)) return false;
    seen.add(key);
    if (name === of) return true;
    return (readers.get(name) ?? []).some((n) => {
      if (reads(n).some((i) => path.has(i)) && n.outputs.some((o) => path.has(o)))
        return !(mask && (n.op === 'Mul' || n.op === 'Div'));
      return n.outputs.some((o) => flat(o) && counts(o, mask && beside.has(n.op), seen));
    });
  };

  const found = new Set(nodes.filter((n) => rounds(b, n, path)));
  for (const n of nodes) {
    if (!n.outputs.some(flat) || reads(n).some(flat)) continue;
    const mask = reads(n).every((i) => !dependent.has(i) || b.dtype(i) === 'bool');
    if (n.outputs.some((o) => flat(o) && counts(o, mask)))
      for (const step of stepsBefore(n, { b, nodes, dependent, float })) found.add(step);
  }
  return b.nodes.filter((n) => found.has(n));
}

/** Where the booleans and indices that a node reads are made of real values. */
function stepsBefore(
  node: Node,
  of: {
    b: GraphBuilder;
    nodes: readonly Node[];
    dependent: ReadonlySet<string>;
    float: (name: string) => boolean;
  },
): Node[] {
  const { b, nodes, dependent, float } = of;
  const inner = new Set(nodes);
  const found: Node[] = [];
  const seen = new Set<Node>();
  const visit = (n: Node): void => {
    if (seen.has(n)) return;
    seen.add(n);
    const fed = reads(n).filter((i) => dependent.has(i));
    if (fed.some(float)) found.push(n);
    for (const i of fed) {
      const maker = float(i) ? undefined : b.maker(i);
      if (maker !== undefined && inner.has(maker)) visit(maker);
    }
  };
  visit(node);
  return found;
}

/** Rounds real values, whatever reads them. */
function rounds(b: GraphBuilder, node: Node, path: ReadonlySet<string>): boolean {
  if (!reads(node).some((i) => path.has(i) || isFloat(b.dtype(i)))) return false;
  if (rules.get(operatorOf(node))?.zero === 'piecewise constant') return true;
  const [from, to] = [b.type(node.inputs[0] ?? ''), b.type(node.outputs[0] ?? '')];
  if (operatorOf(node) !== 'Cast' || from === undefined || to === undefined) return false;
  return isFloat(from.dtype) && !isFloat(to.dtype) && to.dtype !== 'bool';
}
