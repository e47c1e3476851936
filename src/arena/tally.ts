import type { StepRecord } from '../runs/index.ts';
import type { AttackOutcome, DefendOutcome } from './outcomes.ts';
import type { AttackSlot, Plan } from './plan.ts';
import type { ThreatModel } from './result.ts';
import type { AttackRule, DefenseRule } from './rules.ts';
import type { Batch, RunFile } from './run-file.ts';

/** One attack against one defense at one epsilon, image by image (1 or 0). */
export interface Tally {
  attack: AttackRule;
  defense: DefenseRule;
  epsilon: number;
  threat: ThreatModel;
  /** Attacked at this epsilon and answered: what the shares are of. */
  covered: Uint8Array;
  /** Answered with the true class; the clean image stands in where the attack made none. */
  right: Uint8Array;
  /** The attack made an image, and the answer is another class. */
  error: Uint8Array;
  /** The attack made an image, and the answer is the target. */
  hit: Uint8Array;
  /** Class answered per image; -1 for none. */
  answers: Int32Array;
}

/** What an attack made at one epsilon. */
export interface Made {
  attack: AttackRule;
  epsilon: number;
  covered: Uint8Array;
  made: Uint8Array;
  /** Seconds of each batch that did not crash. */
  seconds: number[];
  /** Batches without any image. */
  failed: { batch: Batch; status: string; message: string }[];
  outside: number;
  /** Images for which the source gave some gradient of zero. */
  dead: number;
  /** PNG blobs by image id. */
  blobs: Map<string, string>;
  images: Map<string, { distance: number; queries: number; gradients: number }>;
}

export interface Clean {
  defense: DefenseRule;
  covered: Uint8Array;
  right: Uint8Array;
  answers: Int32Array;
}

/** All that records say, image by image. */
export interface Tallies {
  cells: Tally[];
  made: Made[];
  clean: Clean[];
  /** Seconds of each defense's batches, the clean ones included. */
  defenseSeconds: Map<string, number[]>;
  /** Batches without answers. */
  silent: { defense: string; status: string; message: string }[];
  /** PNG blobs of the clean images by id. */
  cleanBlobs: Map<string, string>;
}

/** An attack counts as a white box where it may open any network that the defense stands on. */
export function threatOf(run: RunFile, attack: AttackRule, defense: DefenseRule): ThreatModel {
  const opened = attack.source === undefined ? [] : (run.models[attack.source.model] ?? []);
  const stands = run.models[defense.model] ?? [];
  return stands.some((n) => opened.some((o) => o.onnx === n.onnx)) ? 'white box' : 'transfer';
}

/** Whether success is hitting the target; least-likely classes are the attack's own affair. */
export function isTargeted(attack: AttackRule): boolean {
  return attack.goal === 'targeted';
}

/** Lays the records out image by image. Steps without a record leave their images uncovered. */
export function tally(run: RunFile, plan: Plan, records: ReadonlyMap<string, StepRecord>): Tallies {
  const { attacks, defenses, epsilons } = run.rules;
  const count = run.dataset.images.length;
  const bits = (): Uint8Array => new Uint8Array(count);
  const seconds = new Map(defenses.map((d): [string, number[]] => [d.name, []]));
  const silent: Tallies['silent'] = [];
  const took = (defense: DefenseRule, record: StepRecord): void => {
    const { status, message = '' } = record.outcome as unknown as DefendOutcome;
    if (status !== 'ok') silent.push({ defense: defense.name, status, message });
    if (typeof record.observed['seconds'] === 'number')
      seconds.get(defense.name)?.push(record.observed['seconds']);
  };

  const clean = defenses.map((defense): Clean => {
    const out = { defense, covered: bits(), right: bits(), answers: new Int32Array(count).fill(-1) };
    for (const batch of plan.batches) {
      const record = records.get(plan.clean(defense, batch).id);
      if (record === undefined) continue;
      took(defense, record);
      const { classes } = record.outcome as unknown as DefendOutcome;
      for (const [i, answer] of classes.entries()) {
        const row = batch.from + i;
        out.covered[row] = 1;
        out.answers[row] = answer ?? -1;
        out.right[row] = Number(answer === batch.images[i]?.label);
      }
    }
    return out;
  });

  const made = new Map<string, Made>();
  const cells = new Map<string, Tally>();
  for (const attack of attacks)
    for (const epsilon of epsilons) {
      made.set(key(attack.name, epsilon), {
        attack,
        epsilon,
        covered: bits(),
        made: bits(),
        seconds: [],
        failed: [],
        outside: 0,
        dead: 0,
        blobs: new Map(),
        images: new Map(),
      });
      for (const defense of defenses)
        cells.set(key(attack.name, defense.name, epsilon), {
          attack,
          defense,
          epsilon,
          threat: threatOf(run, attack, defense),
          covered: bits(),
          right: bits(),
          error: bits(),
          hit: bits(),
          answers: new Int32Array(count).fill(-1),
        });
    }
  for (const slot of plan.attacks) {
    const record = records.get(slot.step.id);
    if (record === undefined) continue;
    const outcome = record.outcome as unknown as AttackOutcome;
    addMade(made.get(key(slot.attack.name, slot.epsilon)) as Made, slot, record, outcome);
    for (const defense of defenses) {
      const defended = records.get(plan.defend(defense, slot, record).id);
      if (defended === undefined) continue;
      took(defense, defended);
      const cell = cells.get(key(slot.attack.name, defense.name, slot.epsilon)) as Tally;
      addAnswers(cell, slot.batch, outcome, defended.outcome as unknown as DefendOutcome);
    }
  }
  const cleanBlobs = plan.images.flatMap((step) => Object.entries(records.get(step.id)?.outputs ?? {}));
  return {
    cells: [...cells.values()],
    made: [...made.values()],
    clean,
    defenseSeconds: seconds,
    silent,
    cleanBlobs: new Map(cleanBlobs),
  };
}

function key(...parts: (string | number)[]): string {
  return JSON.stringify(parts);
}

function addMade(to: Made, { batch }: AttackSlot, record: StepRecord, outcome: AttackOutcome): void {
  to.outside += outcome.outside;
  to.dead += outcome.dead;
  const { seconds } = record.observed;
  if (outcome.status !== 'crashed' && typeof seconds === 'number') to.seconds.push(seconds);
  if (outcome.status !== 'ok' && outcome.images.every((i) => i === null))
    to.failed.push({ batch, status: outcome.status, message: outcome.message ?? '' });
  for (const [i, image] of outcome.images.entries()) {
    to.covered[batch.from + i] = 1;
    const id = batch.images[i]?.id ?? '';
    if (image === null) continue;
    to.made[batch.from + i] = 1;
    to.images.set(id, image);
    const blob = record.outputs[id];
    if (blob !== undefined) to.blobs.set(id, blob);
  }
}

function addAnswers(cell: Tally, batch: Batch, attacked: AttackOutcome, defended: DefendOutcome): void {
  for (const [i, answer] of defended.classes.entries()) {
    const row = batch.from + i;
    const { label, target } = batch.images[i] as Batch['images'][number];
    const present = attacked.images[i] != null;
    cell.covered[row] = 1;
    cell.answers[row] = answer ?? -1;
    cell.right[row] = Number(answer === label);
    cell.error[row] = Number(present && answer !== null && answer !== label);
    cell.hit[row] = Number(present && answer !== null && answer === target);
  }
}
