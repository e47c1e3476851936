import type { Program } from './program.ts';

/** How one operator is drawn: which tensors it takes, and what is appended to the program. */
export interface Maker {
  readonly name: string;
  /** Whether the runtime has a kernel for float64. */
  readonly double: boolean;
  /** First opset that has the operator in the form drawn. */
  readonly since: number;
  readonly fits: (p: Program, x: string) => boolean;
  /** @returns the output, undefined where the choices drawn do not fit after all */
  readonly make: (p: Program, x: string, others: readonly string[]) => string | undefined;
}

export function maker(
  name: string,
  make: Maker['make'],
  options: Partial<Pick<Maker, 'double' | 'since' | 'fits'>> = {},
): Maker {
  return { name, make, double: false, since: 7, fits: () => true, ...options };
}

export const rank = (p: Program, x: string): number => p.shape(x).length;

export const spatial = (p: Program, x: string): readonly number[] => p.shape(x).slice(2);

/** Whether x is a batch of feature maps: sizes known behind the first axis. */
export function isImage(p: Program, x: string): boolean {
  const r = rank(p, x);
  return r >= 3 && r <= 5 && p.shape(x).every((_, axis) => axis === 0 || !p.isOpen(x, axis));
}

/** `count` numbers of [low, high]. */
export function several(p: Program, count: number, low: number, high: number): number[] {
  return Array.from({ length: count }, () => p.draw.int(low, high));
}
