import { numbers } from '../tensor/index.ts';
import type { GraphBuilder } from './builder.ts';
import type { Dim, Node } from './graph.ts';

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  Equal: (a, b) => a === b,
  Greater: (a, b) => a > b,
  GreaterOrEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessOrEqual: (a, b) => a <= b,
};

/**
 * Whether the single boolean `name` holds, where constants and known shapes decide it; undefined otherwise.
 * @param made the node that makes each tensor
 */
export function decided(b: GraphBuilder, made: ReadonlyMap<string, Node>, name: string): boolean | undefined {
  const constant = b.constantValue(name);
  if (constant !== undefined) return constant.dtype === 'string' ? undefined : numbers(constant)[0] !== 0;
  const value = b.contents(name);
  if (value !== undefined) return typeof value[0] === 'number' ? value[0] !== 0 : undefined;
  const node = made.get(name);
  if (node === undefined) return undefined;
  const of = (i: number): boolean | undefined => decided(b, made, node.inputs[i] as string);
  switch (node.op) {
    case 'Identity':
    case 'Cast':
    case 'Squeeze':
    case 'Unsqueeze':
    case 'Reshape':
      return of(0);
    case 'Not': {
      const x = of(0);
      return x === undefined ? undefined : !x;
    }
    case 'And':
    case 'Or': {
      const settles = node.op === 'Or';
      const [x, y] = [of(0), of(1)];
      if (x === settles || y === settles) return settles;
      return x === undefined || y === undefined ? undefined : !settles;
    }
  }
  const compare = comparisons[node.op];
  if (compare === undefined) return undefined;
  const [x, y] = [single(b, node.inputs[0]), single(b, node.inputs[1])];
  if (typeof x === 'number' && typeof y === 'number') return compare(x, y);
  // A size is equal to itself, whatever it is.
  return x !== undefined && x === y ? compare(0, 0) : undefined;
}

function single(b: GraphBuilder, name: string | undefined): Dim | undefined {
  const contents = b.contents(name ?? '');
  if (contents !== undefined) return contents.length === 1 ? contents[0] : undefined;
  const constant = b.constantValue(name ?? '');
  if (constant === undefined || constant.dtype === 'string' || constant.data.length !== 1) return undefined;
  return numbers(constant)[0];
}
