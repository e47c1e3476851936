import { z } from 'zod';
import { parseOptions } from '../catalog/index.ts';
import { type TrainingDefense, trainingDefenses } from '../defenses/index.ts';
import { parseYaml, readYaml } from '../runs/index.ts';
import { AdvarenaError } from '../tensor/index.ts';

const channels = z.array(z.number()).length(3);
const image = {
  stride: z.int().min(1).max(2).optional(),
  mean: channels.optional(),
  std: channels.optional(),
};
const filters = z.int().min(1).optional();

/** What `recipe.yaml` may hold. */
export const recipeSchema = z.strictObject({
  title: z.string().min(1),
  /** The network of the zoo that was trained alike but without the defense: figures are compared with its. */
  twin: z.string().optional(),
  /** Of the initial weights, the order of the images, augmentation and attacks. */
  seed: z.union([z.int(), z.string()]),
  network: z.discriminatedUnion('builder', [
    z.strictObject({
      builder: z.literal('convnet'),
      widths: z.array(z.int().min(1)).min(1).optional(),
      dropout: z.number().min(0).lt(1).optional(),
      ...image,
    }),
    z.strictObject({ builder: z.literal('resnet'), depth: z.int().optional(), filters, ...image }),
    z.strictObject({ builder: z.literal('mobilenet'), filters, ...image }),
    z.strictObject({
      builder: z.literal('vit'),
      patch: z.int().min(1).optional(),
      size: z.int().min(1).optional(),
      blocks: z.int().min(1).optional(),
      heads: z.int().min(1).optional(),
      dropout: z.number().min(0).lt(1).optional(),
      mean: image.mean,
      std: image.std,
    }),
    z.strictObject({
      builder: z.literal('convnext'),
      patch: z.int().min(1).optional(),
      widths: z.array(z.int().min(1)).min(1).optional(),
      blocks: z.array(z.int().min(1)).min(1).optional(),
      kernel: z.int().min(1).optional(),
      layerScale: z.number().positive().optional(),
      dropout: z.number().min(0).lt(1).optional(),
      mean: image.mean,
      std: image.std,
    }),
  ]),
  /** Photographs of the part `train`, the first `count` of that seed. */
  data: z.strictObject({
    dataset: z.literal('roadsigns'),
    seed: z.union([z.int(), z.string()]),
    count: z.int().min(1),
    /** The region of the sign set to grey: what is left is what the background gives away. */
    greySign: z.boolean().optional(),
  }),
  batch: z.int().min(1),
  epochs: z.int().min(1),
  augmentation: z
    .strictObject({ shift: z.int().min(0).optional(), cutout: z.int().min(0).optional() })
    .optional(),
  smoothing: z.number().min(0).lt(1).optional(),
  optimizer: z.discriminatedUnion('name', [
    z.strictObject({
      name: z.literal('sgd'),
      momentum: z.number().min(0).lt(1).optional(),
      nesterov: z.boolean().optional(),
      decay: z.number().min(0).optional(),
    }),
    z.strictObject({ name: z.literal('adam'), decay: z.number().min(0).optional() }),
    z.strictObject({ name: z.literal('adamw'), decay: z.number().min(0).optional() }),
  ]),
  schedule: z.strictObject({
    name: z.enum(['one-cycle', 'cosine', 'constant']),
    rate: z.number().positive(),
    /** Steps over which the rate grows to what the schedule says. */
    warmUp: z.int().min(1).optional(),
  }),
  clip: z.number().positive().optional(),
  /** Decay of the moving average of the weights. */
  average: z.number().gt(0).lt(1).optional(),
  /** A training defense by name, its options, and the networks of the zoo that it learns from. */
  defense: z
    .strictObject({
      name: z.string(),
      options: z.record(z.string(), z.unknown()).optional(),
      sources: z.array(z.string()).optional(),
    })
    .optional(),
});

export type Recipe = z.infer<typeof recipeSchema>;

/** One network of the zoo: a folder with its recipe and, once it is trained, the network and what was measured. */
export interface ZooEntry {
  readonly name: string;
  readonly folder: string;
  readonly recipe: Recipe;
  /** Path of the ONNX file; undefined before the first training. */
  readonly model: string | undefined;
}

/**
 * Reads `recipe.yaml`.
 * @throws AdvarenaError RECIPE with line and column, and the nearest name for a misspelt key or defense
 */
export function parseRecipe(text: string, file: string): Recipe {
  const yaml = readYaml(text, file, {
    code: 'RECIPE',
    remedy: 'See docs/formats.md for the entries of a recipe.',
  });
  const recipe = parseYaml(yaml, recipeSchema);
  if (recipe.data.count < recipe.batch)
    throw yaml.error(
      ['data', 'count'],
      `${recipe.data.count} photographs do not fill a batch of ${recipe.batch}.`,
      {
        remedy: 'Take smaller batches or more photographs.',
      },
    );
  if (recipe.defense === undefined) return recipe;
  try {
    const { defense } = resolveTraining(recipe.defense);
    const given = recipe.defense.sources?.length ?? 0;
    if (defense.sources === given > 0) return recipe;
    throw new AdvarenaError(
      'RECIPE',
      defense.sources
        ? `The defense ${defense.name} learns from other networks, and none is named.`
        : `The defense ${defense.name} learns from no other network.`,
      { remedy: defense.sources ? 'Name networks of the zoo under sources.' : 'Leave sources out.' },
    );
  } catch (cause) {
    if (!(cause instanceof AdvarenaError)) throw cause;
    throw yaml.error(['defense'], cause.message, cause.remedy === undefined ? {} : { remedy: cause.remedy });
  }
}

/** @throws AdvarenaError UNKNOWN_NAME with the nearest name, OPTION naming the option */
export function resolveTraining({ name, options }: NonNullable<Recipe['defense']>): {
  defense: TrainingDefense;
  options: Record<string, unknown>;
} {
  const defense = trainingDefenses.find(name);
  return { defense, options: parseOptions(defense.options, options, `defense ${name}`) };
}
