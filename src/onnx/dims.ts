import type { Dim, Shape } from './graph.ts';

/** A dimension as coefficient × symbols, so that products compare by their canonical text. */
interface Product {
  factor: number;
  symbols: string[];
}

function parse(dim: Dim): Product {
  if (typeof dim === 'number') return { factor: dim, symbols: [] };
  let factor = 1;
  const symbols: string[] = [];
  for (const part of dim.split('*')) {
    if (/^\d+$/.test(part)) factor *= Number(part);
    else symbols.push(part);
  }
  return { factor, symbols: symbols.toSorted() };
}

function format({ factor, symbols }: Product): Dim {
  if (factor === 0 || symbols.length === 0) return factor;
  return factor === 1 ? symbols.join('*') : [factor, ...symbols].join('*');
}

/** Product of dimensions in canonical form: `12*N`. */
export function multiplyDims(dims: Iterable<Dim>): Dim {
  const out: Product = { factor: 1, symbols: [] };
  for (const dim of dims) {
    const p = parse(dim);
    out.factor *= p.factor;
    out.symbols.push(...p.symbols);
  }
  out.symbols.sort();
  return format(out);
}

/** `a / b` where it is exact (`12*N / 4 = 3*N`), else undefined. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  const p = parse(a);
  const q = parse(b);
  if (q.factor === 0 || p.factor % q.factor !== 0) return undefined;
  const symbols = [...p.symbols];
  for (const s of q.symbols) {
    const at = symbols.indexOf(s);
    if (at < 0) return undefined;
    symbols.splice(at, 1);
  }
  return format({ factor: p.factor / q.factor, symbols });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

/** All sizes known, as numbers; undefined if any is a symbol. */
export function concrete(shape: Shape | undefined): number[] | undefined {
  if (shape === undefined || shape.some((d) => typeof d !== 'number')) return undefined;
  return shape as number[];
}

/**
 * Numpy broadcasting of two shapes. A symbol against another size than 1 wins where it must
 * (N against 1 is N; 5 against N is 5); two different symbols give undefined.
 */
export function broadcastShapes(a: Shape, b: Shape): Dim[] | undefined {
  const rank = Math.max(a.length, b.length);
  const out: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x === y || y === 1) out.push(x);
    else if (x === 1) out.push(y);
    else if (typeof x === 'number' && typeof y === 'string') out.push(x);
    else if (typeof y === 'number' && typeof x === 'string') out.push(y);
    else return undefined;
  }
  return out;
}

/** Sizes of more than one element, or of unknown. */
export function wideDims(shape: Shape): Shape {
  return shape.filter((d) => d !== 1);
}
