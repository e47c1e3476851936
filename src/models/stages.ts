import type { Graph } from '../onnx/index.ts';
import { AdvarenaError, type Images } from '../tensor/index.ts';
import type { Classifier, Question } from './classifier.ts';

/** A change of images before the network, as a defended classifier shows it. */
export interface Stage {
  readonly name: string;
  /** The change itself. Images in, images out, both float32 [rows, C, H, W] in [0,1]; the input is not modified. */
  apply(q: Question): Promise<Images>;
  /**
   * A differentiable twin: graph from `images` [N, C, H, W] to `images_out` of the same shape. Its gradient stands in
   * for that of `apply` where a view asks for it (BPDA); without it the identity does.
   */
  surrogate?(input: { channels: number; height: number; width: number }): Graph;
}

export interface Staged extends Classifier {
  /** In the order in which an image passes them. */
  readonly stages: readonly Stage[];
  /** What stands behind the stages. */
  readonly network: Classifier;
}

export function isStaged(model: object): model is Staged {
  return 'stages' in model && 'network' in model;
}

/**
 * The network behind its stages, telling the truth: it answers through the stages, and refuses gradients.
 * @param stages at least one
 */
export function staged(network: Classifier, stages: readonly Stage[], name: string): Staged {
  const through = async (q: Question): Promise<Question> => {
    let images = q.images;
    for (const stage of stages) images = await stage.apply({ ...q, images });
    return { ...q, images };
  };
  const { spec: _spec, ...rest } = network;
  return {
    ...rest,
    name,
    stages,
    network,
    scores: async (q) => network.scores(await through(q)),
    decisions: async (q) => network.decisions(await through(q)),
    gradient: () =>
      Promise.reject(
        new AdvarenaError('NO_GRADIENT', `The stage "${stages[0]?.name}" of ${name} has no gradient.`, {
          where: name,
          remedy: 'Put the view bpda around it: --through bpda, or through: [bpda] in YAML.',
        }),
      ),
  };
}
