import { hashJson, type Json, type Step, type StepRecord, stepId } from '../runs/index.ts';
import { epsilonText } from '../tensor/index.ts';
import type { AttackOutcome } from './outcomes.ts';
import type { AttackRule, DefenseRule, SubjectRule } from './rules.ts';
import { type Batch, batchesOf, type RunFile } from './run-file.ts';

/** What the performer needs beside a step's definition. */
export type Work =
  | { kind: 'images'; batch: Batch }
  | { kind: 'attack'; attack: AttackRule; batch: Batch; epsilon: number }
  | { kind: 'defend'; defense: DefenseRule; rows: Row[] };

/** An image that a defense is asked about. */
export interface Row {
  /** Row of the dataset. */
  index: number;
  pixels: string;
  /** Its PNG blob; the clean image of the dataset where there is none. */
  blob?: string;
}

export type ArenaStep = Step<Work>;

/** One attack on one batch at one epsilon. */
export interface AttackSlot {
  step: ArenaStep;
  attack: AttackRule;
  batch: Batch;
  epsilon: number;
}

/** All steps of a tournament, as far as they can be known. */
export interface Plan {
  batches: readonly Batch[];
  /** Per batch: the clean images as blobs. */
  images: readonly ArenaStep[];
  attacks: readonly AttackSlot[];
  /** The defense on a clean batch. */
  clean(defense: DefenseRule, batch: Batch): ArenaStep;
  /** The defense on what an attack made; where that failed for an image, on the clean one in its place. */
  defend(defense: DefenseRule, slot: AttackSlot, made: StepRecord): ArenaStep;
  /** Steps that are possible now and have no record, those whose images are the freshest first. Pure. */
  next(records: ReadonlyMap<string, StepRecord>): ArenaStep[];
  /** Steps with a record, and all that there will be; equal ones count as often as they are used. Pure. */
  count(records: ReadonlyMap<string, StepRecord>): { done: number; total: number };
}

/**
 * What a tournament has to do. Steps are equal where their definition and the content of their inputs are: a defense
 * is asked once about images that two attacks share, and an attack that made none shares the clean answers.
 */
export function planOf(run: RunFile): Plan {
  const batches = batchesOf(run);
  const images = batches.map((batch) => imagesStep(run, batch));
  const attacks = batches.flatMap((batch) =>
    batch.epsilons.flatMap((epsilon) =>
      run.rules.attacks.map((attack) => ({
        attack,
        batch,
        epsilon,
        step: attackStep(run, attack, batch, epsilon),
      })),
    ),
  );
  // Hashing is most of the planning; neither batches nor records change.
  const known = new WeakMap<object, Map<string, ArenaStep>>();
  const remembered = (of: object, defense: DefenseRule, make: () => ArenaStep): ArenaStep => {
    const steps = known.get(of) ?? new Map<string, ArenaStep>();
    known.set(of, steps);
    const step = steps.get(defense.name) ?? make();
    steps.set(defense.name, step);
    return step;
  };
  const clean = (defense: DefenseRule, batch: Batch): ArenaStep =>
    remembered(batch, defense, () =>
      defendStep(run, defense, `clean images, batch ${batch.index + 1}`, cleanRows(batch)),
    );
  const defend = (defense: DefenseRule, slot: AttackSlot, made: StepRecord): ArenaStep =>
    remembered(made, defense, () =>
      defendStep(run, defense, slot.step.label, attackedRows(slot.batch, made)),
    );
  const { defenses } = run.rules;

  /** In the order in which they are to be done. */
  function* possible(records: ReadonlyMap<string, StepRecord>): Generator<ArenaStep> {
    for (const slot of attacks) {
      const made = records.get(slot.step.id);
      if (made !== undefined) for (const d of defenses) yield defend(d, slot, made);
    }
    yield* images;
    for (const batch of batches) for (const d of defenses) yield clean(d, batch);
    for (const slot of attacks) yield slot.step;
  }

  return {
    batches,
    images,
    attacks,
    clean,
    defend,
    next(records) {
      const steps = new Map<string, ArenaStep>();
      for (const step of possible(records))
        if (!records.has(step.id) && !steps.has(step.id)) steps.set(step.id, step);
      return [...steps.values()];
    },
    count(records) {
      let done = 0;
      for (const step of possible(records)) if (records.has(step.id)) done++;
      return { done, total: batches.length * (1 + defenses.length) + attacks.length * (1 + defenses.length) };
    },
  };
}

function stepOf(
  kind: string,
  label: string,
  definition: Json,
  inputs: Record<string, string>,
  work: Work,
): ArenaStep {
  return { id: stepId({ kind, definition, inputs }), kind, label, definition, inputs, work };
}

function imagesStep(run: RunFile, batch: Batch): ArenaStep {
  const { channels, height, width } = run.dataset;
  return stepOf(
    'images',
    `clean images, batch ${batch.index + 1}`,
    { versions: run.versions, ids: batch.images.map((i) => i.id), shape: [channels, height, width] },
    { images: hashJson(batch.images.map((i) => i.pixels)) },
    { kind: 'images', batch },
  );
}

function attackStep(run: RunFile, attack: AttackRule, batch: Batch, epsilon: number): ArenaStep {
  const { rules } = run;
  const told = attack.goal === 'untargeted' && attack.labels === 'true';
  const [source, networks] = attack.source === undefined ? [null, {}] : subjectOf(run, attack.source);
  return stepOf(
    'attack',
    `${attack.name}, batch ${batch.index + 1}, ${epsilonText(rules.norm, epsilon)}`,
    {
      versions: run.versions,
      seed: rules.seed,
      attack: attack.attack,
      options: attack.options as Json,
      through: attack.through as unknown as Json,
      goal: attack.goal,
      labels: attack.goal === 'untargeted' ? attack.labels : null,
      source,
      norm: rules.norm,
      epsilon,
      seconds: rules.batch.seconds,
      ids: batch.images.map((i) => i.id),
    },
    {
      images: hashJson(batch.images.map((i) => i.pixels)),
      ...(told ? { labels: hashJson(batch.images.map((i) => i.label)) } : {}),
      ...(attack.goal === 'targeted' ? { targets: hashJson(batch.images.map((i) => i.target ?? null)) } : {}),
      ...networks,
    },
    { kind: 'attack', attack, batch, epsilon },
  );
}

function defendStep(run: RunFile, defense: DefenseRule, of: string, rows: Row[]): ArenaStep {
  const [subject, networks] = subjectOf(run, defense);
  return stepOf(
    'defend',
    `${defense.name} on ${of}`,
    { versions: run.versions, seed: run.rules.seed, subject, seconds: run.rules.batch.seconds },
    { images: hashJson(rows.map((r) => r.pixels)), ...networks },
    { kind: 'defend', defense, rows },
  );
}

/** What a subject is, without the places of its files, and the hashes of those. */
function subjectOf(run: RunFile, subject: SubjectRule): [Json, Record<string, string>] {
  const model = run.rules.models[subject.model];
  const fusion =
    model === undefined || 'file' in model
      ? {}
      : { fuse: model.fuse, ...(model.weights === undefined ? {} : { weights: model.weights }) };
  const networks = (run.models[subject.model] ?? []).flatMap(({ onnx, sidecar }, i) => [
    [`network ${i + 1}`, onnx],
    ...(sidecar === null ? [] : [[`sidecar ${i + 1}`, sidecar]]),
  ]);
  return [
    { ...fusion, chain: subject.chain as unknown as Json },
    Object.fromEntries(networks) as Record<string, string>,
  ];
}

function cleanRows(batch: Batch): Row[] {
  return batch.images.map(({ pixels }, i) => ({ index: batch.from + i, pixels }));
}

function attackedRows(batch: Batch, made: StepRecord): Row[] {
  const outcome = made.outcome as unknown as AttackOutcome;
  return cleanRows(batch).map((clean, i) => {
    const image = outcome.images[i];
    const blob = made.outputs[(batch.images[i] as { id: string }).id];
    return image == null || blob === undefined ? clean : { index: clean.index, pixels: image.pixels, blob };
  });
}
