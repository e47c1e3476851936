/** An Einsum equation taken apart: one label per axis of every operand and of the output. */
export interface EinsumTerms {
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/**
 * Takes an equation apart for operands of the given ranks. Axes under an ellipsis get the labels `.0`, `.1`, ...
 * counted from the last, so that they broadcast against each other.
 * @throws Error if the equation does not fit the ranks
 */
export function parseEinsum(equation: string, ranks: readonly number[]): EinsumTerms {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',');
  if (terms.length !== ranks.length)
    throw new Error(`the equation "${equation}" has ${terms.length} operands, the node ${ranks.length}`);
  let widest = 0;
  const inputs = terms.map((term, i) => {
    const { before, after, ellipsis } = parts(term);
    const free = (ranks[i] as number) - before.length - after.length;
    if (free < 0 || (free > 0 && !ellipsis))
      throw new Error(`the operand "${term}" of the equation "${equation}" has rank ${ranks[i]}`);
    widest = Math.max(widest, free);
    return [...before, ...dots(free), ...after];
  });
  if (right !== undefined) {
    const { before, after, ellipsis } = parts(right);
    return { inputs, output: [...before, ...(ellipsis ? dots(widest) : []), ...after] };
  }
  const all = inputs.flat().filter((l) => !l.startsWith('.'));
  const once = all.filter((l) => all.indexOf(l) === all.lastIndexOf(l)).toSorted();
  return { inputs, output: [...dots(widest), ...once] };
}

function parts(term: string): { before: string[]; after: string[]; ellipsis: boolean } {
  const at = term.indexOf('...');
  if (at < 0) return { before: term.split(''), after: [], ellipsis: false };
  return { before: term.slice(0, at).split(''), after: term.slice(at + 3).split(''), ellipsis: true };
}

function dots(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `.${count - 1 - i}`);
}
