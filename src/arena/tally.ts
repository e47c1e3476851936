import { type IdleView, withinEpsilon } from '../judge/index.ts';
import { outputOf, type StepRecord } from '../runs/index.ts';
import type { Norm } from '../tensor/index.ts';
import type { AttackOutcome, DefendOutcome, MadeImage } from './outcomes.ts';
import type { AttackSlot, Plan } from './plan.ts';
import type { ThreatModel } from './result.ts';
import type { AttackRule, DefenseRule } from './rules.ts';
import type { ImageBatch, RunFile } from './run-file.ts';

/** One attack against one defense at one epsilon, image by image: shares of the judge's draws, 1 or 0 for one. */
export interface Tally {
  attack: AttackRule;
  defense: DefenseRule;
  epsilon: number;
  threat: ThreatModel;
  /** Attacked at this epsilon and answered: what the shares are of. */
  covered: Uint8Array;
  /** Answered with the true class; the clean image stands in where the attack made none. */
  right: Float64Array;
  /** The attack made an image, and the answer is another class. */
  error: Float64Array;
  /** The attack made an image, and the answer is the target. */
  hit: Float64Array;
  /** Class answered per image in the first draw; -1 for none. */
  answers: Int32Array;
}

/** What an attack made at one epsilon; against one defense, where it may ask that. */
export interface Made {
  attack: AttackRule;
  epsilon: number;
  against?: DefenseRule;
  covered: Uint8Array;
  made: Uint8Array;
  /** Seconds of each batch that did not crash. */
  seconds: number[];
  /** Batches without any image. */
  failed: { batch: ImageBatch; status: string; message: string }[];
  outside: number;
  /** Images for which a model gave some gradient of zero, and one that was not finite. */
  zero: number;
  notFinite: number;
  /** PNG blobs by image id. */
  blobs: Map<string, string>;
  images: Map<string, MadeImage>;
}

export interface Clean {
  defense: DefenseRule;
  covered: Uint8Array;
  right: Float64Array;
  /** Answered with a class. */
  answered: Float64Array;
  answers: Int32Array;
}

/** All that records say, image by image. */
export interface Tallies {
  cells: Tally[];
  made: Made[];
  /** Per attack, for each record of it: the views that changed nothing. */
  idle: Map<string, IdleView[][]>;
  clean: Clean[];
  /** Seconds of each defense's batches, the clean ones included. */
  defenseSeconds: Map<string, number[]>;
  /** Batches without answers. */
  silent: { defense: string; status: string; message: string }[];
  /** PNG blobs of the clean images by id. */
  cleanBlobs: Map<string, string>;
}

/** An attack counts as a white box where it may open any network that the defense stands on, or the defense itself. */
export function threatOf(
  run: Pick<RunFile, 'models'>,
  attack: AttackRule,
  defense: DefenseRule,
): ThreatModel {
  const opened = attack.sources.flatMap((source) => run.models[source.model] ?? []);
  const stands = run.models[defense.model] ?? [];
  if (attack.opponent === 'gradient' || stands.some((n) => opened.some((o) => o.onnx === n.onnx)))
    return 'white box';
  return attack.opponent === 'none' ? 'transfer' : 'queries';
}

/** Whether success is hitting the target; least-likely classes are the attack's own affair. */
export function isTargeted(attack: AttackRule): boolean {
  return attack.goal === 'targeted';
}

/** Lays the records out image by image. Steps without a record leave their images uncovered. */
export function tally(run: RunFile, plan: Plan, records: ReadonlyMap<string, StepRecord>): Tallies {
  const { attacks, defenses, epsilons, norm } = run.rules;
  const count = run.dataset.images.length;
  const bits = (): Uint8Array => new Uint8Array(count);
  const shares = (): Float64Array => new Float64Array(count);
  const seconds = new Map(defenses.map((d): [string, number[]] => [d.name, []]));
  const silent: Tallies['silent'] = [];
  const took = (defense: DefenseRule, record: StepRecord): void => {
    const { status, message = '' } = record.outcome as unknown as DefendOutcome;
    if (status !== 'ok') silent.push({ defense: defense.name, status, message });
    if (typeof record.observed['seconds'] === 'number')
      seconds.get(defense.name)?.push(record.observed['seconds']);
  };

  const clean = defenses.map((defense): Clean => {
    const out = {
      defense,
      covered: bits(),
      right: shares(),
      answered: shares(),
      answers: new Int32Array(count).fill(-1),
    };
    for (const batch of plan.batches) {
      const record = records.get(plan.clean(defense, batch).id);
      if (record === undefined) continue;
      took(defense, record);
      const { classes } = record.outcome as unknown as DefendOutcome;
      for (const [i, { label }] of batch.images.entries()) {
        const row = batch.from + i;
        out.covered[row] = 1;
        out.answers[row] = classes[0]?.[i] ?? -1;
        out.right[row] = shareOf(classes, (own) => own[i] === label);
        out.answered[row] = shareOf(classes, (own) => (own[i] ?? -1) >= 0);
      }
    }
    return out;
  });

  const idle = new Map(attacks.map((a): [string, IdleView[][]] => [a.name, []]));
  const made = new Map<string, Made>();
  const madeKey = (attack: AttackRule, epsilon: number, against: DefenseRule | undefined): string =>
    key(attack.name, epsilon, against?.name ?? '');
  const cells = new Map<string, Tally>();
  for (const attack of attacks)
    for (const epsilon of epsilons) {
      for (const against of attack.opponent === 'none' ? [undefined] : defenses)
        made.set(madeKey(attack, epsilon, against), newMade(attack, epsilon, against, count));
      for (const defense of defenses)
        cells.set(key(attack.name, defense.name, epsilon), {
          attack,
          defense,
          epsilon,
          threat: threatOf(run, attack, defense),
          covered: bits(),
          right: shares(),
          error: shares(),
          hit: shares(),
          answers: new Int32Array(count).fill(-1),
        });
    }
  for (const slot of plan.attacks) {
    const record = records.get(slot.step.id);
    if (record === undefined) continue;
    const outcome = record.outcome as unknown as AttackOutcome;
    if (outcome.images.some((image) => image !== null)) idle.get(slot.attack.name)?.push(outcome.idle ?? []);
    const at = slot.epsilon === 'free' ? slot.batch.epsilons : [slot.epsilon];
    for (const epsilon of at)
      addMade(made.get(madeKey(slot.attack, epsilon, slot.against)) as Made, slot, { norm, record, outcome });
    for (const defense of plan.asked(slot)) {
      const defended = records.get(plan.defend(defense, slot, record).id);
      const plain = records.get(plan.clean(defense, slot.batch).id);
      if (defended === undefined || plain === undefined) continue;
      took(defense, defended);
      for (const epsilon of at)
        addAnswers(cells.get(key(slot.attack.name, defense.name, epsilon)) as Tally, slot.batch, {
          norm,
          attacked: outcome,
          defended: defended.outcome as unknown as DefendOutcome,
          clean: plain.outcome as unknown as DefendOutcome,
        });
    }
  }
  const cleanBlobs = plan.images.flatMap((step) => Object.entries(records.get(step.id)?.outputs ?? {}));
  return {
    cells: [...cells.values()],
    made: [...made.values()],
    idle,
    clean,
    defenseSeconds: seconds,
    silent,
    cleanBlobs: new Map(cleanBlobs),
  };
}

function key(...parts: (string | number)[]): string {
  return JSON.stringify(parts);
}

function addMade(
  to: Made,
  { batch }: AttackSlot,
  { norm, record, outcome }: { norm: Norm; record: StepRecord; outcome: AttackOutcome },
): void {
  to.outside += outcome.outside;
  to.zero += outcome.zero;
  to.notFinite += outcome.notFinite;
  const { seconds } = record.observed;
  if (outcome.status !== 'crashed' && typeof seconds === 'number') to.seconds.push(seconds);
  if (outcome.status !== 'ok' && outcome.images.every((i) => i === null))
    to.failed.push({ batch, status: outcome.status, message: outcome.message ?? '' });
  for (const [i, image] of outcome.images.entries()) {
    to.covered[batch.from + i] = 1;
    const id = batch.images[i]?.id ?? '';
    if (image === null || !withinEpsilon(image.distance, { norm, epsilon: to.epsilon })) continue;
    to.made[batch.from + i] = 1;
    to.images.set(id, image);
    const blob = outputOf(record, id);
    if (blob !== undefined) to.blobs.set(id, blob);
  }
}

/** Beyond epsilon, which only attacks of minimum norm go, the clean image and the answers about it stand. */
function addAnswers(
  cell: Tally,
  batch: ImageBatch,
  of: { norm: Norm; attacked: AttackOutcome; defended: DefendOutcome; clean: DefendOutcome },
): void {
  for (const [i, { label, target }] of batch.images.entries()) {
    const row = batch.from + i;
    const image = of.attacked.images[i];
    const present = image != null && withinEpsilon(image.distance, { norm: of.norm, epsilon: cell.epsilon });
    const { classes } = image != null && !present ? of.clean : of.defended;
    const answered = (own: readonly (number | null)[]): number | null => own[i] ?? null;
    cell.covered[row] = 1;
    cell.answers[row] = classes[0]?.[i] ?? -1;
    cell.right[row] = shareOf(classes, (own) => answered(own) === label);
    const made = image != null;
    cell.error[row] = shareOf(classes, (own) => made && answered(own) !== null && answered(own) !== label);
    cell.hit[row] = shareOf(classes, (own) => made && answered(own) !== null && answered(own) === target);
  }
}

function shareOf<T>(draws: readonly T[], of: (draw: T) => boolean): number {
  return draws.filter(of).length / draws.length;
}

function newMade(attack: AttackRule, epsilon: number, against: DefenseRule | undefined, count: number): Made {
  return {
    attack,
    epsilon,
    ...(against && { against }),
    covered: new Uint8Array(count),
    made: new Uint8Array(count),
    seconds: [],
    failed: [],
    outside: 0,
    zero: 0,
    notFinite: 0,
    blobs: new Map(),
    images: new Map(),
  };
}
