import { z } from 'zod';
import { kinds } from '../models/index.ts';
import type { StepRecord } from '../runs/index.ts';

const ended = {
  status: z.enum(['ok', 'timeout', 'crashed']),
  /** What went wrong. */
  message: z.string().optional(),
  flags: z.array(z.object({ code: z.string(), message: z.string() })),
};

/** SHA-256 of an image's 8-bit levels. */
const pixels = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

const madeImage = z.object({
  pixels,
  /** From the clean image, in the norm of the rules and pixel units of [0,1]. */
  distance: z.number(),
  /** Questions by kind. */
  asked: z.record(z.enum(kinds), count),
});

/**
 * An attack on one batch at one epsilon. Its images are outputs of the step, by the id of the image. A crash or a
 * timeout is a result like any other: it counts against who caused it.
 */
const attack = z.object({
  ...ended,
  /** Per image of the batch; null where the attack made none. */
  images: z.array(madeImage.nullable()),
  /** Images that had left the ball or the pixel box and were brought back. */
  outside: count,
  /** Images for which a model gave some gradient of zero, and one that was not finite. */
  zero: count,
  notFinite: count,
  /** Views that changed nothing on what it opened. */
  idle: z.array(z.object({ view: z.string(), models: z.array(z.string()), why: z.string() })).optional(),
});

/** A defense's answers on one batch. */
const defend = z.object({
  ...ended,
  /** Per draw the class of each image, counted from 0; null where it gave none. One draw unless it is random. */
  classes: z.array(z.array(z.int().min(-1).nullable())),
});

/** Photographs of a rendered dataset. */
const render = z.array(z.object({ id: z.string(), label: count, target: count }));

export type AttackOutcome = z.infer<typeof attack>;
export type MadeImage = z.infer<typeof madeImage>;
export type DefendOutcome = z.infer<typeof defend>;

const outcomes: Readonly<Record<string, z.ZodType>> = { images: z.null(), attack, defend, render };

/** What is wrong with the outcome of a record that was read; undefined for nothing. */
export function outcomeFault({ kind, outcome }: StepRecord): string | undefined {
  const schema = Object.hasOwn(outcomes, kind) ? outcomes[kind] : undefined;
  if (schema === undefined) return `there is no step "${kind}"`;
  const issue = schema.safeParse(outcome).error?.issues[0];
  return issue && ['outcome', ...issue.path].join('.').concat(`: ${issue.message}`);
}
