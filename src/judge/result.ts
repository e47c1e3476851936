import type { GoalKind, Queries } from '../attacks/index.ts';
import type { EntrySpec } from '../catalog/index.ts';
import type { Access, Flag, Kind } from '../models/index.ts';
import type { LimitSpec, Norm, Pixels } from '../tensor/index.ts';
import type { Judged } from './judge-images.ts';

/** One image's fate. Classes from 0; -1 where the model abstains. */
export interface SampleResult {
  id: string;
  label: number;
  target?: number;
  /** Answer on the clean image. */
  clean: number;
  /** Answer on the adversarial image; of a minimum-norm attack beyond epsilon, on the clean one, which then stands. */
  adversarial: number;
  /** Largest minus second logit on the adversarial image; NaN where there are none. */
  margin: number;
  /** Now another class, and right when clean; targeted and least-likely: now the target. Of the first draw. */
  success: boolean;
  /** Shares of the judge's draws, where it asked several: right when clean, right when attacked, success. */
  draws?: { clean: number; adversarial: number; success: number };
  /** Distance from the clean image in the norm of the request: of the image that is judged ... */
  distance: number;
  /** ... and of what the attack proposed, before rounding. */
  proposed: number;
  linf: number;
  l2: number;
  /** Questions about it, by kind. */
  asked: Record<Kind, number>;
}

/** A point of the accuracy-versus-epsilon curve. */
export interface CurvePoint {
  epsilon: number;
  robustAccuracy: number;
}

export interface AttackResult {
  model: string;
  /** Defenses before the model, in the order in which an image passes them; left out for none, or made by code. */
  defenses?: EntrySpec[];
  /**
   * Whether the attack saw the model behind its defenses, by its gradients or answers, or was blind to them; left out
   * where there are none.
   */
  adaptive?: boolean;
  attack: string;
  options: Record<string, unknown>;
  /** Views through which it looked, its own included, the outermost first; left out for none. */
  through?: EntrySpec[];
  /** Names of the models that it opened in the place of the judged one; left out for none. */
  sources?: string[];
  /** What it might ask of the judged model. */
  opponent: Access;
  /** Questions per image that the request allowed; left out where the attack's own default holds. */
  queries?: Queries;
  norm: Norm;
  /** null: no bound but the pixel range. */
  epsilon: number | null;
  region?: LimitSpec['region'];
  pixels: Pixels;
  goal: GoalKind;
  /** What untargeted attacks were told: the labels, or the model's own answers on the clean images. */
  labelsFrom: 'true' | 'predicted';
  /** Whether images were left alone once they fooled the model. */
  stopEarly: boolean;
  /** SHA-256 of the pixels of all clean images, and of all masks, as they were judged; left out where there are none. */
  data: { images: string; masks?: string };
  /** Of the software, and the device where it is not the CPU: as in a tournament's records. */
  versions: Record<string, string>;
  /** From which the random numbers of attack, model and judge follow. */
  seed: number;
  /** Draws that the judge asked of a random model; 1 for others. */
  draws: number;
  /** Over all images, and over the draws. */
  cleanAccuracy: number;
  /**
   * Share of all images still answered right, over the draws; those wrong when clean count as not robust. Of a random
   * model, whose draws about two images are independent, the share that is right when attacked.
   */
  robustAccuracy: number;
  /** Of a random model: shares of images right when attacked in some draw, and in all of them. */
  robustInAny?: number;
  robustInAll?: number;
  /**
   * Where the model abstains: shares of images on which it does, and robust accuracy if it counts as robust to answer
   * rightly when clean and to abstain when attacked, as papers on detectors have it.
   */
  abstained?: { clean: number; adversarial: number; robust: number };
  /** Of a minimum-norm attack: robust accuracy at each epsilon asked for, or at each distance found. */
  curve?: CurvePoint[];
  /** Of making the images at this radius and asking about them; not of starting programs, nor of clean answers. */
  seconds: number;
  /** Questions by kind, over all images. */
  asked: Record<Kind, number>;
  /** Questions that the runner asked: about clean images, and whether a sample was done. */
  confirmations: number;
  flags: Flag[];
  samples: SampleResult[];
}

export interface AttackOutcome extends AttackResult {
  /** The images that were judged. */
  adversarial: Judged;
}
