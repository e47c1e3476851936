import type { ValueType } from './graph.ts';
import type { InferContext } from './op.ts';

/** The types of a table model's outputs: labels [N], of integers or strings, and a score per class [N, classes]. */
export function labelsAndScores(c: InferContext, classes: number): [ValueType, ValueType] {
  const shape = c.shape(0);
  const batch = shape === undefined ? c.fresh() : shape.length < 2 ? 1 : (shape[0] ?? 1);
  const strings = labelsOf(c.node.attributes, 'strings').length > 0;
  return [
    { dtype: strings ? 'string' : 'int64', shape: [batch] },
    { dtype: 'float32', shape: [batch, classes] },
  ];
}

/** The labels of a classifier's classes, from `classlabels_strings`, `classlabels_ints` or `classlabels_int64s`. */
export function classLabels(attributes: InferContext['node']['attributes']): readonly (number | string)[] {
  const strings = labelsOf(attributes, 'strings');
  return strings.length > 0 ? strings : labelsOf(attributes, 'ints');
}

function labelsOf(
  attributes: InferContext['node']['attributes'],
  type: 'strings' | 'ints',
): readonly (number | string)[] {
  for (const [name, a] of Object.entries(attributes))
    if (name.startsWith('classlabels_') && a.type === type) return a.value;
  return [];
}
