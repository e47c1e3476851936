import type { Tensor } from '../tensor/index.ts';
import type { Flag } from './classifier.ts';
import type { Sidecar } from './sidecar.ts';

/** What a network's numbers are said to be, where the scores of a graph are what was made of them. */
export interface SaidScores {
  /** The network's name. */
  name: string;
  /** The graph's output of [N, classes]: logarithms, where the numbers are no logits. */
  output: string;
  kind: Sidecar['output']['kind'];
  /** Whether no columns were cut off: probabilities sum to 1 then. */
  whole: boolean;
}

/**
 * Whether some row holds numbers that are not of the kind that they are said to be: probabilities that leave [0,1] or do
 * not sum to 1. A step of 8 bits is allowed for, by half of it in each class; rows that are not finite tell nothing.
 * @param scores logarithms of the numbers, [rows, classes]; of what is not positive that of the floor
 */
export function contradicts(
  { shape, data }: Tensor,
  { kind, whole }: Pick<SaidScores, 'kind' | 'whole'>,
): boolean {
  if (kind === 'logits') return false;
  const [count = 0, classes = 0] = shape;
  const allowed = 0.01 + classes / 512;
  for (let i = 0; i < count; i++) {
    let [sum, largest] = [0, 0];
    for (let k = 0; k < classes; k++) {
      const p = Math.exp(data[i * classes + k] as number);
      sum += p;
      largest = Math.max(largest, p);
    }
    if (!Number.isFinite(sum)) continue;
    if (largest > 1.01) return true;
    if (kind === 'probabilities' && (sum > 1 + allowed || (whole && sum < 1 - allowed))) return true;
  }
  return false;
}

/** What is said of numbers that are not what they are said to be. */
export function kindFlag({ name, kind }: SaidScores): Flag {
  const wrong =
    kind === 'sigmoids'
      ? 'some of them are larger than 1'
      : 'for some images they lie outside 0 to 1, or do not sum to 1';
  const remedy =
    kind === 'sigmoids'
      ? '"logits", most likely'
      : '"logits", most likely, or "sigmoids" where each class has a probability of its own';
  return {
    code: 'OUTPUT_KIND',
    message: `${name} is taken to answer with probabilities, but ${wrong}: attacks follow their logarithms, which say little then, and may be weak. Correct output.kind in its sidecar: ${remedy}.`,
  };
}

/**
 * Marks rows of numbers in [0,1] that sum to 1, but for rounding: as logits they would be a rare chance. Of most logits
 * the first few numbers tell, so that asking costs nothing beside answering.
 */
export function sharesIn({ shape, data }: Tensor): Float64Array {
  const [count = 0, classes = 0] = shape;
  const marks = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let [sum, k] = [0, 0];
    for (; k < classes; k++) {
      const z = data[i * classes + k] as number;
      if (!(z > -0.001 && z < 1.001)) break;
      sum += z;
    }
    marks[i] = Number(k === classes && Math.abs(sum - 1) < 0.005);
  }
  return marks;
}
