import { z } from 'zod';
import { AdvarenaError } from '../tensor/index.ts';

/** The file `MODEL.json` beside `MODEL.onnx`: what the graph alone cannot say. */
export const sidecarSchema = z.looseObject({
  name: z.string().optional(),
  input: z.looseObject({
    name: z.string(),
    /** `flat`: as NCHW, for graphs that take the pixels of an image as one row. */
    layout: z.enum(['NCHW', 'NHWC', 'flat']).default('NCHW'),
    height: z.int().min(1),
    width: z.int().min(1),
    channels: z.enum(['RGB', 'BGR', 'GRAY']),
  }),
  /** modelInput = (pixel − mean) / std, pixel in [0,1], in the input's own channel order. */
  preprocessing: z.looseObject({
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
  }),
  output: z.looseObject({
    name: z.string(),
    /** `sigmoids`: one independent probability per class, of classes that exclude each other all the same. */
    kind: z.enum(['logits', 'probabilities', 'sigmoids']).default('logits'),
    /** Of a graph with one column: 2. */
    classes: z.int().min(2),
  }),
  /** Values of what the graph takes beside the images, by the names of its inputs. */
  inputs: z.record(z.string(), z.union([z.number(), z.boolean()])).optional(),
  /**
   * Tensors of the graph by names of one's own, for objectives on features. `reject` is a detector's: a row whose
   * number is above 0 is declined.
   */
  outputs: z.record(z.string().regex(/^[a-z][\w-]*$/i), z.string()).optional(),
  /** Dataset label = output index + offset. */
  labels: z.looseObject({ dataset: z.string().optional(), offset: z.int().default(0) }).optional(),
});

export type Sidecar = z.infer<typeof sidecarSchema>;

/** @throws AdvarenaError SIDECAR with the path of the wrong entry */
export function parseSidecar(text: string, where: string): Sidecar {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new AdvarenaError('SIDECAR', `The sidecar is no JSON: ${(cause as Error).message}`, {
      where,
      remedy: 'Mend the file, or remove it to have what is safe inferred.',
      cause,
    });
  }
  const parsed = sidecarSchema.safeParse(data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AdvarenaError('SIDECAR', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, {
      where,
      remedy: 'See docs/formats.md for the entries of a sidecar.',
    });
  }
  const channels = parsed.data.input.channels === 'GRAY' ? 1 : 3;
  for (const key of ['mean', 'std'] as const) {
    if (parsed.data.preprocessing[key].length !== channels)
      throw new AdvarenaError(
        'SIDECAR',
        `preprocessing.${key} has ${parsed.data.preprocessing[key].length} entries for ${channels} channels.`,
        {
          where,
          remedy: 'Give one number per channel, in the order of input.channels.',
        },
      );
  }
  return parsed.data;
}

/** Is told an entry that neither graph nor sidecar tell, and what it is, as a part of a sentence. */
export type Need = (entry: string, what: string) => void;
