import { classLabels, type Graph, prune } from '../onnx/index.ts';

/** How a graph itself calls the columns of an output; nothing where it does not. */
export interface ClassNames {
  /** Texts, one for each column. */
  names?: readonly string[];
  /** Why a column's number is not its label, a sentence. */
  note?: string;
}

/**
 * The classes of table models by their own attributes (`classlabels_strings`, `classlabels_ints`,
 * `classlabels_int64s`; ai.onnx.ml).
 * @param classes columns of the output
 */
export function classNames(graph: Graph, output: string, classes: number): ClassNames {
  const labels = prune(graph, [output])
    .nodes.map(({ attributes }) => classLabels(attributes))
    .findLast((all) => all.length === classes);
  if (labels === undefined) return {};
  const names = labels.filter((label) => typeof label === 'string');
  if (names.length > 0) return { names };
  const numbers = labels.map(Number);
  if (numbers.every((label, column) => label === column)) return {};
  const [first = 0] = numbers;
  const shown = `${numbers.slice(0, 8).join(', ')}${classes > 8 ? ', ...' : ''}`;
  const told = `The graph calls the columns of "${output}" ${shown}, so that an answer's column is not its label`;
  return {
    note: numbers.every((label, column) => label === first + column)
      ? `${told}: for labels in its numbers write labels.offset ${first}.`
      : `${told}, and no labels.offset makes it so: answers are columns from 0 on, and so must labels be.`,
  };
}
