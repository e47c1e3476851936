import type { z } from 'zod';
import type { Entry } from '../catalog/index.ts';
import { type Classifier, isStaged, type Stage, staged } from '../models/index.ts';

/** One defense, as data. `apply` gives the defended classifier, which tells the truth about its gradients. */
export interface Defense<O = unknown> extends Entry<O> {
  apply(model: Classifier, options: O): Classifier;
}

/** A defense with its options checked by its schema. Pure: registers nothing. */
export function defineDefense<S extends z.ZodType>(
  definition: Omit<Defense<z.infer<S>>, 'options'> & { options: S },
): Defense<z.infer<S>> {
  return definition as unknown as Defense<z.infer<S>>;
}

/** A defense that changes the image before the network, and nothing else. */
export function defineTransform<S extends z.ZodType>(
  definition: Omit<Defense<z.infer<S>>, 'options' | 'apply'> & {
    options: S;
    stage: (options: z.infer<S>) => Stage;
  },
): Defense<z.infer<S>> {
  const { stage, ...rest } = definition;
  return defineDefense<S>({ ...rest, apply: (model, options) => before(stage(options), model) });
}

/** `model` behind one more stage; stages that it already has come after it. */
function before(stage: Stage, model: Classifier): Classifier {
  const name = `${stage.name}(${model.name})`;
  return isStaged(model)
    ? staged(model.network, [stage, ...model.stages], name)
    : staged(model, [stage], name);
}
