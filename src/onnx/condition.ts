import { numbers } from '../tensor/index.ts';
import type { GraphBuilder } from './builder.ts';
import type { Dim, Node } from './graph.ts';

const comparisons: ReadonlyMap<string, (a: number, b: number) => boolean> = new Map([
  ['Equal', (a, b) => a === b],
  ['Greater', (a, b) => a > b],
  ['GreaterOrEqual', (a, b) => a >= b],
  ['Less', (a, b) => a < b],
  ['LessOrEqual', (a, b) => a <= b],
]);

/** How many inputs of an operator its boolean result is made of. */
const booleans: ReadonlyMap<string, number> = new Map([
  ...['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Not'].map((op) => [op, 1] as const),
  ['And', 2],
  ['Or', 2],
]);

type Truth = boolean | undefined;

/**
 * Whether the single boolean `name` holds, where constants and known shapes decide it; undefined otherwise.
 * @param made the node that makes each tensor
 */
export function decided(b: GraphBuilder, made: ReadonlyMap<string, Node>, name: string): Truth {
  const settled = new Map<string, Truth>();
  const opened = new Set<string>();
  // By a list of what waits, not by recursion: a chain may be as long as the graph.
  const waiting = [name];
  for (let top = waiting.at(-1); top !== undefined; top = waiting.at(-1)) {
    const node = made.get(top);
    const parts = node?.inputs.slice(0, booleans.get(node.op) ?? 0) ?? [];
    const open = opened.has(top) || known(b, top) ? [] : parts.filter((p) => !settled.has(p));
    opened.add(top);
    if (open.length > 0) {
      waiting.push(...open);
      continue;
    }
    settled.set(
      top,
      truthOf(b, node, top, (i) => settled.get(parts[i] ?? '')),
    );
    waiting.pop();
  }
  return settled.get(name);
}

function known(b: GraphBuilder, name: string): boolean {
  return b.constantValue(name) !== undefined || b.contents(name) !== undefined;
}

function truthOf(b: GraphBuilder, node: Node | undefined, name: string, of: (i: number) => Truth): Truth {
  const constant = b.constantValue(name);
  if (constant !== undefined) return constant.dtype === 'string' ? undefined : numbers(constant)[0] !== 0;
  const value = b.contents(name);
  if (value !== undefined) return typeof value[0] === 'number' ? value[0] !== 0 : undefined;
  if (node === undefined) return undefined;
  const [x, y] = [of(0), of(1)];
  if (node.op === 'Not') return x === undefined ? undefined : !x;
  if (node.op === 'And' || node.op === 'Or') {
    const settles = node.op === 'Or';
    if (x === settles || y === settles) return settles;
    return x === undefined || y === undefined ? undefined : !settles;
  }
  if (booleans.has(node.op)) return x;
  const compare = comparisons.get(node.op);
  if (compare === undefined) return undefined;
  const [p, q] = [single(b, node.inputs[0]), single(b, node.inputs[1])];
  if (typeof p === 'number' && typeof q === 'number') return compare(p, q);
  // A size is equal to itself, whatever it is.
  return p !== undefined && p === q ? compare(0, 0) : undefined;
}

function single(b: GraphBuilder, name: string | undefined): Dim | undefined {
  const contents = b.contents(name ?? '');
  if (contents !== undefined) return contents.length === 1 ? contents[0] : undefined;
  const constant = b.constantValue(name ?? '');
  if (constant === undefined || constant.dtype === 'string' || constant.data.length !== 1) return undefined;
  return numbers(constant)[0];
}
