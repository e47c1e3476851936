import type { Objective } from '../models/index.ts';
import { crossEntropy } from '../models/index.ts';
import type { GraphBuilder, ValueType } from '../onnx/index.ts';

/** A term of the training loss: the mean of an objective over the batch, times a weight. */
export interface Loss {
  readonly objective: Objective;
  /** 1 by default. */
  readonly weight?: number;
  /** Types of what the objective is given that are not int64 [N]. */
  readonly given?: Readonly<Record<string, ValueType>>;
}

/** Mean cross-entropy, with label smoothing if asked. */
export function classification(options: { smoothing?: number } = {}): Loss {
  return { objective: crossEntropy(options) };
}

/**
 * Mean squared difference of the output and the given `targets`.
 * @param shape of the output and of the targets, the batch apart
 */
export function squaredError(shape: readonly number[]): Loss {
  const build = (b: GraphBuilder, output: string, given: Readonly<Record<string, string>>): string => {
    const difference = b.op('Sub', [output, given['targets']]);
    const axes = b.ints(shape.map((_, i) => i + 1));
    return b.op('ReduceMean', [b.op('Mul', [difference, difference]), axes], { keepdims: 0 });
  };
  return {
    objective: { key: `squared-error(${shape.join('x')})`, given: ['targets'], build },
    given: { targets: { dtype: 'float32', shape: ['N', ...shape] } },
  };
}
