import { z } from 'zod';
import { roadsignParts } from '../data/index.ts';
import { accesses, kinds } from '../models/index.ts';
import { norms } from '../tensor/index.ts';

const named = z.strictObject({
  name: z.string(),
  options: z.record(z.string(), z.unknown()).optional(),
});
const chain = z.array(z.union([z.string(), named]));
const attackLabels = z.union([z.literal(true), z.literal('predicted')]);

const model = z.union([
  z.string().describe('ONNX file, relative to this file; its sidecar lies beside it'),
  z.strictObject({
    file: z.string().describe('ONNX file, relative to this file'),
    inputs: z
      .record(z.string().min(1), z.union([z.number(), z.boolean(), z.string().regex(/\.npy$/i)]))
      .optional()
      .describe('what the graph reads beside the images: numbers, or .npy files relative to this file'),
    logits: z.boolean().optional().describe('take the logits before its final softmax or sigmoids'),
  }),
  z.strictObject({
    ensemble: z.array(z.string()).min(1).describe('names of models'),
    fuse: z.enum(['logits', 'probabilities', 'loss']).default('logits'),
    weights: z.array(z.number().positive()).optional().describe('one per member; equal by default'),
  }),
]);

const attack = z.strictObject({
  attack: z.string().describe('name in the catalog: see docs/attacks.md'),
  sources: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'models or a defense that the attack may open; several models are one ensemble, or are taken in turn',
    ),
  opponent: z
    .enum(accesses)
    .optional()
    .describe(
      'what it may ask of the defense it meets: its images are then made for each defense; none by default',
    ),
  queries: z
    .union([z.int().min(1), z.partialRecord(z.enum(kinds), z.int().min(1))])
    .optional()
    .describe(
      'questions per image: a number for decisions and scores together, or { scores: N, gradients: M }',
    ),
  options: z.record(z.string(), z.unknown()).optional(),
  through: chain.optional().describe('views, the outermost first: bpda, ...'),
  goal: z
    .enum(['untargeted', 'targeted', 'least-likely'])
    .optional()
    .describe('untargeted where the attack has that goal, else targeted; least-likely scores as untargeted'),
  labels: attackLabels.optional(),
  baseline: z.boolean().default(false),
});

const defense = z.strictObject({
  model: z.string().describe('name of a model'),
  chain: chain.default([]).describe('defenses in the order in which an image passes them'),
  baseline: z.boolean().default(false),
});

const comparison = z.strictObject({
  title: z.string(),
  above: z.array(z.string()).min(1).describe('attacks that are claimed to be the stronger'),
  below: z.array(z.string()).min(1),
  on: z.array(z.string()).min(1).describe('defenses'),
});

const files = z.strictObject({
  images: z.string().describe('folder of PNG files, or a .npy batch'),
  labels: z.string().optional().describe('CSV or .npy file'),
  limit: z.int().min(1).optional().describe('take only the first images'),
  offset: z
    .int()
    .optional()
    .describe('label of class 0 in the file of labels; what the models say by default'),
  classes: z.int().min(2).optional().describe('what the models say by default'),
});

const rendered = z.strictObject({
  name: z.literal('roadsigns').describe('rendered where the tournament is held'),
  seed: z.union([z.int().min(0), z.string().min(1)]).describe('a number or a word'),
  count: z.int().min(1).describe('photographs, from the first of the part'),
  part: z.enum(roadsignParts).default('dev').describe('parts share no random number'),
});

/** The competition file. Every key that is not here is refused. */
export const rulesSchema = z.strictObject({
  name: z.string().min(1),
  seed: z.int().min(0),
  dataset: z.union([files, rendered]),
  norm: z.enum(norms).default('linf').describe('l0 counts pixels, l0-entries entries'),
  epsilons: z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .describe('in pixel units of [0,1]: 8/255, 0.03'),
  epsilonPerBatch: z
    .enum(['all', 'cycle'])
    .default('all')
    .describe('every batch at every epsilon, or one epsilon per batch in turn as in 2017'),
  draws: z.int().min(1).default(1).describe('draws that the judge asks of a random defense'),
  labels: attackLabels
    .default(true)
    .describe("what untargeted attacks are told: the true labels, or their source's own answers"),
  batch: z
    .strictObject({
      size: z.int().min(1).default(100),
      seconds: z.number().positive().default(500).describe('limit per batch'),
    })
    .default({ size: 100, seconds: 500 }),
  models: z.record(z.string().min(1), model),
  attacks: z.record(z.string().min(1), attack),
  defenses: z.record(z.string().min(1), defense),
  comparisons: z.array(comparison).default([]),
  examples: z.int().min(0).default(6).describe('images that the report shows'),
});

export type RulesInput = z.input<typeof rulesSchema>;
export type RulesFile = z.infer<typeof rulesSchema>;
export type RenderedRule = z.infer<typeof rendered>;

/** JSON Schema of the competition file, for editors. */
export function rulesJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(rulesSchema, { io: 'input' });
}
