import { type Estimate, normalQuantile } from '../../src/tensor/index.ts';

/** Of the same images under two conditions: how many are right under both, under one alone, under neither. */
export interface Pairs {
  both: number;
  first: number;
  second: number;
  neither: number;
}

/** Row: true class, column: answer, each of `classes`. @throws RangeError for a class out of range or lists of two lengths */
export function confusion(
  labels: ArrayLike<number>,
  answers: ArrayLike<number>,
  classes: number,
): number[][] {
  if (labels.length !== answers.length)
    throw new RangeError(`${labels.length} labels, but ${answers.length} answers`);
  const table = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let i = 0; i < labels.length; i++) {
    const [label, answer] = [labels[i] as number, answers[i] as number];
    const row = table[label];
    if (row?.[answer] === undefined) throw new RangeError(`no class ${row === undefined ? label : answer}`);
    row[answer] = row[answer] + 1;
  }
  return table;
}

/** Images of each class, and how many of them were answered right. */
export function perClass(table: readonly (readonly number[])[]): { count: number; right: number }[] {
  return table.map((row, label) => ({ count: sum(row), right: row[label] as number }));
}

/** Pairs of classes by how often one was taken for the other, either way; none that never was. */
export function confusedPairs(
  table: readonly (readonly number[])[],
): { classes: [number, number]; wrong: number }[] {
  const pairs = table.flatMap((row, a) =>
    row.slice(0, a).map((count, b) => ({
      classes: [b, a] as [number, number],
      wrong: count + ((table[b] as readonly number[])[a] as number),
    })),
  );
  return pairs.filter(({ wrong }) => wrong > 0).toSorted((p, q) => q.wrong - p.wrong);
}

/** @throws RangeError for lists of two lengths */
export function pairsOf(first: readonly boolean[], second: readonly boolean[]): Pairs {
  if (first.length !== second.length)
    throw new RangeError(`${first.length} answers cannot be paired with ${second.length}`);
  const pairs = { both: 0, first: 0, second: 0, neither: 0 };
  first.forEach((right, i) => {
    const other = second[i] === true;
    pairs[right ? (other ? 'both' : 'first') : other ? 'second' : 'neither']++;
  });
  return pairs;
}

/**
 * How many points more are right under the second condition. The interval has half an image added to each of the four
 * cells (Agresti and Min 2005, Statistics in Medicine 24, 729), so that it does not vanish where no answer changed.
 */
export function pairedDifference({ both, first, second, neither }: Pairs): Estimate {
  const count = both + first + second + neither;
  const more = second - first;
  const adjusted = count + 2;
  const middle = more / adjusted;
  const half = (normalQuantile / adjusted) * Math.sqrt(first + second + 1 - more ** 2 / adjusted);
  return { value: (100 * more) / count, low: 100 * (middle - half), high: 100 * (middle + half) };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
