import { type Attack, openAttack, runWithin } from '../../attacks/index.ts';
import { type Options, parseOptions } from '../../catalog/index.ts';
import { type Classifier, graphClassifier, inferSidecar, networkGraph } from '../../models/index.ts';
import { type Images, limitOf, type RandomSource, randomOf, rows } from '../../tensor/index.ts';
import { fold, type Network, type TrainingBatch, type Weights, withWeights } from '../../training/index.ts';

/**
 * The network as it predicts with these weights, compiled anew for every batch, which takes as long as one or two
 * gradients of 64 images. A graph with the weights as inputs would be compiled once, and its gradients took 0.8 to 1.4
 * of the time (a small plain and a small residual network, measured twice).
 */
export function classifierOf(network: Network, weights: Weights): Classifier {
  const graph = fold(withWeights(network, weights).graph);
  const image = networkGraph(graph, inferSidecar(graph, network.name), { name: network.name });
  return graphClassifier(image, { name: network.name, settings: { threads: 1 } });
}

/** The images that an attack of the catalog makes of a batch, away from its labels, in the linf ball. */
export async function craft(work: {
  model: Classifier;
  batch: TrainingBatch;
  attack: Attack;
  epsilon: number;
  options?: Options;
  random: RandomSource;
}): Promise<Images> {
  const { model, batch, attack, epsilon, random } = work;
  const { context, set } = openAttack({
    attack,
    options: parseOptions(attack.options, work.options, `attack ${attack.name}`),
    model,
    ids: batch.ids ?? [],
    images: batch.images,
    goal: { kind: 'untargeted', classes: Int32Array.from(batch.labels ?? []) },
    limit: limitOf({ norm: 'linf', epsilon }, batch.images, { pixels: 'float32' }),
    random,
  });
  const run = runWithin(attack, context, set);
  let next = await run.next();
  while (next.done !== true) next = await run.next();
  return next.value;
}

/** The first rows of a batch, a share of them and at least one, and the images of the rest. */
export function parted(
  batch: TrainingBatch,
  share: number,
): [part: TrainingBatch & { ids: readonly string[] }, rest: Images] {
  const count = batch.images.shape[0] ?? 0;
  const changed = Math.max(1, Math.round(share * count));
  const part = {
    images: rows(batch.images, 0, changed),
    ids: batch.ids?.slice(0, changed) ?? [],
    labels: Array.from(batch.labels ?? []).slice(0, changed),
  };
  return [part, rows(batch.images, changed, count)];
}

/** Random numbers of one step. */
export function randomOfStep(seed: number | string, step: number): RandomSource {
  return randomOf(`${seed}/${step}`, 'training defense');
}
