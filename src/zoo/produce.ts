import { roadsignClasses } from '../data/index.ts';
import { openModel } from '../models/index.ts';
import { writeModel } from '../onnx/index.ts';
import { joinPath, makeFolder, writeFileAtomic } from '../runtime/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { fold, type Network } from '../training/index.ts';
import { howToTrain, zooEntry } from './entries.ts';
import { openLog } from './log.ts';
import type { ZooEntry } from './recipe.ts';
import { type TrainedRecipe, type TrainRecipeOptions, trainRecipe } from './train.ts';

export interface ProduceOptions extends Pick<TrainRecipeOptions, 'signal' | 'onProgress'> {
  /** Where the trained network goes. */
  out: string;
  /** Checkpoints and photographs of trainings under way. */
  work: string;
  /** The zoo that sources are taken from. */
  zoo?: string;
}

/**
 * Trains a network of the zoo by its recipe and writes `model.onnx` (batch normalization folded), its sidecar
 * `model.json` and `training.jsonl`.
 * @throws AdvarenaError ZOO_SOURCE for a source that has not been trained, and as `trainRecipe`
 */
export async function produce(entry: ZooEntry, options: ProduceOptions): Promise<TrainedRecipe> {
  const { out, work, signal, onProgress, zoo } = options;
  const { name, recipe } = entry;
  const settings = { threads: 1 };
  const sources = await Promise.all(
    (recipe.defense?.sources ?? []).map(async (source) => {
      const other = await zooEntry(source, zoo);
      const { model } = other;
      if (model === undefined)
        throw new AdvarenaError('ZOO_SOURCE', `The recipe learns from ${source}, which is not trained yet.`, {
          where: name,
          remedy: `${howToTrain(other)}.`,
        });
      return openModel({ file: model }, { settings });
    }),
  );
  const own = joinPath(work, name);
  await makeFolder(own);
  await makeFolder(out);
  const log = await openLog(joinPath(own, 'training.jsonl'), 50);
  try {
    const trained = await trainRecipe(recipe, {
      folder: own,
      photographs: joinPath(work, 'photographs'),
      sources,
      ...(signal && { signal }),
      onProgress: (progress) => {
        log.see(progress);
        onProgress?.(progress);
      },
    });
    await writeNetwork(trained.network, entry, out);
    await log.write(joinPath(out, 'training.jsonl'));
    return trained;
  } finally {
    await log.write();
    for (const source of sources) await source.release();
  }
}

async function writeNetwork(network: Network, { name, recipe }: ZooEntry, out: string): Promise<void> {
  const graph = fold(network.graph);
  const sidecar = {
    name,
    title: recipe.title,
    input: { name: graph.inputs[0]?.name, layout: 'NCHW', height: 64, width: 64, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: graph.outputs[0]?.name, kind: 'logits', classes: roadsignClasses.length },
    labels: { dataset: 'roadsigns', offset: 0 },
    classes: roadsignClasses,
  };
  await writeFileAtomic(joinPath(out, 'model.onnx'), writeModel(graph));
  const text = `${JSON.stringify(sidecar, null, 2)}\n`;
  await writeFileAtomic(joinPath(out, 'model.json'), new TextEncoder().encode(text));
}
