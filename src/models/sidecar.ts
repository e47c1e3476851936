import { z } from 'zod';
import { AdvarenaError } from '../tensor/index.ts';
import { JsonFault, type JsonSource, readJson } from './json.ts';
import { issuesOf } from './sidecar-issues.ts';

/**
 * The file `MODEL.json` beside `MODEL.onnx`: what the graph alone cannot say. Every entry may be left out; a
 * description says what to write.
 */
export const sidecarSchema = z
  .looseObject({
    name: z.string().describe('a text'),
    input: z
      .looseObject({
        name: z.string().describe('the name of an input of the graph'),
        /** `flat`: as NCHW, for graphs that take the pixels of an image as one row. */
        layout: z.enum(['NCHW', 'NHWC', 'flat']),
        height: z.int().min(1).describe('a whole number of pixels'),
        width: z.int().min(1).describe('a whole number of pixels'),
        channels: z.enum(['RGB', 'BGR', 'GRAY']),
      })
      .partial()
      .describe('an object with name, layout, height, width or channels'),
    /** modelInput = (pixel − mean) / std, pixel in [0,1], in the input's own channel order. */
    preprocessing: z
      .looseObject({
        mean: z
          .array(z.number().describe('a number'))
          .describe('a list of numbers, one per channel, such as [0.5, 0.5, 0.5]'),
        std: z
          .array(z.number().positive().describe('a number above 0'))
          .describe('a list of numbers above 0, one per channel, such as [0.5, 0.5, 0.5]'),
        /** What images did not tell mean and std from: these are a guess then, and flagged. */
        alike: z.array(z.string().describe('a text')).describe('a list of texts'),
      })
      .partial()
      .describe('an object with mean and std'),
    output: z
      .looseObject({
        name: z.string().describe('the name of an output of the graph'),
        /** `sigmoids`: one independent probability per class, of classes that exclude each other all the same. */
        kind: z.enum(['logits', 'probabilities', 'sigmoids']),
        /** Of a graph with one column: 2. */
        classes: z.int().min(2).describe('the number of outputs, a whole number of at least 2'),
      })
      .partial()
      .describe('an object with name, kind or classes'),
    /** Values of what the graph takes beside the images, by the names of its inputs. */
    inputs: z
      .record(z.string(), z.union([z.number(), z.boolean()]).describe('a number, true or false'))
      .describe('an object of numbers by names of inputs of the graph, such as {"NAME": 1}'),
    /**
     * Tensors of the graph by names of one's own, for objectives on features. `reject` is a detector's: a row whose
     * number is above 0 is declined.
     */
    outputs: z
      .record(z.string().regex(/^[a-z][\w-]*$/i), z.string().describe('the name of a tensor of the graph'))
      .describe('an object of tensors of the graph by names of your own, such as {"features": "pool5"}'),
    /** Dataset label = output index + offset. */
    labels: z
      .looseObject({
        dataset: z.string().describe('the name of a dataset').optional(),
        offset: z.int().describe('a whole number, the label of output 0').optional(),
        names: z
          .array(z.string().describe('the name of a class'))
          .describe('a list of the names of the classes, one per output')
          .optional(),
      })
      .describe('an object with dataset, offset or names'),
  })
  .partial()
  .describe('an object of entries, {} at the least');

/** What a sidecar says: any of its entries. */
export type SidecarEntries = z.infer<typeof sidecarSchema>;

/** Is told an entry that neither graph nor sidecar tell, what it is, as a part of a sentence, and what it may be. */
export type Need = (entry: string, what: string, example?: string) => void;

/** Is told the entry without which a graph's output is no row of scores, why, and what to write. */
export type Refuse = (entry: string, message: string, remedy: string) => void;

/** All entries that a model is made from. */
export interface Sidecar {
  name?: string | undefined;
  input: {
    name: string;
    layout: 'NCHW' | 'NHWC' | 'flat';
    height: number;
    width: number;
    channels: 'RGB' | 'BGR' | 'GRAY';
  };
  preprocessing: { mean: readonly number[]; std: readonly number[] };
  output: { name: string; kind: 'logits' | 'probabilities' | 'sigmoids'; classes: number };
  inputs?: Readonly<Record<string, number | boolean>> | undefined;
  outputs?: Readonly<Record<string, string>> | undefined;
  labels?:
    | { dataset?: string | undefined; offset?: number | undefined; names?: readonly string[] | undefined }
    | undefined;
}

/**
 * What the text of a sidecar says.
 * @throws AdvarenaError SIDECAR with every wrong entry and what to write
 */
export function parseSidecar(text: string, where: string): SidecarEntries {
  return sidecarIn(text, where).entries;
}

/** The same, with the numbers as they are written. */
export function sidecarIn(text: string, where: string): { entries: SidecarEntries; source: JsonSource } {
  const refuse = (message: string, remedy: string, cause?: unknown): AdvarenaError =>
    new AdvarenaError('SIDECAR', message, { where, remedy, cause });
  const plain = text.replace(/^\u{FEFF}/u, '');
  if (plain.trim() === '')
    throw refuse('The sidecar is empty.', 'Write {} or remove it to have what is safe inferred.');
  let json: ReturnType<typeof readJson>;
  try {
    json = readJson(plain);
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    throw refuse(`The sidecar ${fault.message}.`, fault.remedy, fault.cause);
  }
  const { data, source } = json;
  const parsed = sidecarSchema.safeParse(data);
  const issues = issuesOf(sidecarSchema, data, parsed.error?.issues ?? []);
  if (parsed.success && issues.length === 0) return { entries: parsed.data, source };
  const remedies = new Set(issues.map((issue) => issue.remedy).filter((remedy) => remedy !== undefined));
  throw refuse(
    issues.map((issue) => issue.message).join(' '),
    remedies.size > 0
      ? [...remedies].join(' ')
      : 'Correct these entries, or leave out what the graph tells; docs/formats.md has all.',
  );
}
