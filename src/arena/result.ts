import type { EntrySpec } from '../catalog/index.ts';
import type { Access, Flag } from '../models/index.ts';
import type { Estimate, Norm } from '../tensor/index.ts';
import type { NetworkHashes } from './run-file.ts';

/**
 * Did the attack have the defense's own network (through or around its stages), could it ask the defense for answers,
 * or had it only others' networks?
 */
export type ThreatModel = 'white box' | 'queries' | 'transfer';

export interface AttackEntry {
  /** Its name in the rules. */
  name: string;
  /** Name of the attack in the catalog, with views: `mi-fgsm through bpda`. */
  attack: string;
  /** All of them, also those that the rules leave at their defaults. */
  options: Record<string, unknown>;
  goal: 'untargeted' | 'targeted';
  /** Names of the models that it may open; empty for attacks that open none. */
  sources: string[];
  /** What it may ask of the defense that it meets, where it may. */
  opponent?: Exclude<Access, 'none'>;
  baseline: boolean;
}

export interface DefenseEntry {
  name: string;
  model: string;
  /** The defenses, with all options, in the order in which an image passes them. */
  chain: Required<EntrySpec>[];
  baseline: boolean;
}

/** A network of the rules. */
export interface NetworkEntry extends NetworkHashes {
  name: string;
  /** As the rules name it. */
  file: string;
}

/** One attack against one defense at one epsilon, over all images. Shares of images, in [0,1]. */
export interface Cell {
  attack: string;
  defense: string;
  epsilon: number;
  threat: ThreatModel;
  images: number;
  /** Answered with the true class. */
  accuracy: number;
  /** Answered with another class. */
  error: number;
  /** Answered with the target class; undefined for untargeted attacks. */
  hit?: number;
}

/**
 * One line of a leaderboard. Scores are normalised to [0,1], the higher the better for the one ranked; intervals are of
 * the bootstrap over images.
 */
export interface BoardRow {
  rank: number;
  name: string;
  baseline: boolean;
  /** Mean over opponents, epsilons and images. */
  score: Estimate;
  /** Score against the worst single opponent (at its worst epsilon). */
  worst: Estimate & { opponent: string };
  /** Share of images won against every opponent at once. */
  perImageWorst: Estimate;
  /** Of a defense: accuracy on clean images. */
  cleanAccuracy?: Estimate;
  /** Median over its batches; undefined where no time was taken. */
  medianSeconds?: number;
  /** Share of images for which it gave an answer or an image. */
  coverage: number;
}

/** Leaderboards under one reading: figures of different threat models are shown apart. */
export interface Boards {
  threat: 'all' | ThreatModel;
  /** undefined: over all epsilons. */
  epsilon?: number;
  untargeted: BoardRow[];
  targeted: BoardRow[];
  defenses: BoardRow[];
}

/** Is `above` stronger than `below` on the defenses `on`? Difference of mean success, paired over images. */
export interface ComparisonResult {
  title: string;
  above: string[];
  below: string[];
  on: string[];
  /** Mean success of either side, then their difference with its paired interval. */
  aboveScore: number;
  belowScore: number;
  difference: Estimate;
}

/** One image as the report shows it. */
export interface Example {
  id: string;
  attack: string;
  epsilon: number;
  label: number;
  target?: number;
  /** Hashes of the PNG blobs. */
  clean: string;
  adversarial: string;
  /** Each defense's answers on the clean and the adversarial image, in the dataset's labels; null: none given. */
  answers: { defense: string; clean: number | null; adversarial: number | null }[];
}

/** Everything that tables, CSV and the HTML report are made from. A pure function of rules and records. */
export interface TournamentResult {
  name: string;
  seed: number;
  norm: Norm;
  epsilons: number[];
  epsilonPerBatch: 'all' | 'cycle';
  /** Draws that the judge asked of each random defense: figures are means over them. */
  draws: number;
  /** Class names by the dataset's label, where it has them. */
  dataset: { name: string; images: number; classNames?: Readonly<Record<number, string>> };
  attacks: AttackEntry[];
  defenses: DefenseEntry[];
  networks: NetworkEntry[];
  cells: Cell[];
  boards: Boards[];
  comparisons: ComparisonResult[];
  examples: Example[];
  flags: Flag[];
  /** Versions of the software that made the records. */
  versions: Record<string, string>;
}
