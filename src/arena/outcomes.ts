import type { Flag, Kind } from '../models/index.ts';

/** How a step came out. A crash or a timeout is a result like any other: it counts against who caused it. */
interface Ended {
  status: 'ok' | 'timeout' | 'crashed';
  /** What went wrong. */
  message?: string;
  flags: Flag[];
}

/** An attack on one batch at one epsilon. Its images are outputs of the step, by the id of the image. */
export interface AttackOutcome extends Ended {
  /** Per image of the batch; null where the attack made none. */
  images: (MadeImage | null)[];
  /** Images that had left the ball or the pixel box and were brought back. */
  outside: number;
  /** Images for which a model gave some gradient of zero, and one that was not finite. */
  zero: number;
  notFinite: number;
}

export interface MadeImage {
  /** SHA-256 of the 8-bit levels. */
  pixels: string;
  /** From the clean image, in the norm of the rules and pixel units of [0,1]. */
  distance: number;
  /** Questions by kind. */
  asked: Record<Kind, number>;
}

/** A defense's answers on one batch. */
export interface DefendOutcome extends Ended {
  /** Per draw the class of each image, counted from 0; null where it gave none. One draw unless it is random. */
  classes: (number | null)[][];
}
