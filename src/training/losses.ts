import type { Objective } from '../models/index.ts';
import { crossEntropy } from '../models/index.ts';

/** A term of the training loss: the mean of an objective over the batch, times a weight. */
export interface Loss {
  readonly objective: Objective;
  /** 1 by default. */
  readonly weight?: number;
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
  return {
    objective: {
      key: `squared-error(${shape.join('x')})`,
      build(b, net, given) {
        const targets = given('targets', { dtype: 'float32', shape: ['N', ...shape] });
        const difference = b.op('Sub', [net.logits, targets]);
        const axes = b.ints(shape.map((_, i) => i + 1));
        return b.op('ReduceMean', [b.op('Mul', [difference, difference]), axes], { keepdims: 0 });
      },
    },
  };
}
