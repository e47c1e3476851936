import { roleSeed, secretOf } from '../judge/index.ts';
import { hashJson, type Json, outputOf, type Step, type StepRecord, stepId } from '../runs/index.ts';
import { epsilonText } from '../tensor/index.ts';
import type { AttackOutcome } from './outcomes.ts';
import type { AttackRule, DefenseRule, SubjectRule } from './rules.ts';
import { batchesOf, type ImageBatch, type RunFile } from './run-file.ts';

/** What the performer needs beside a step's definition. */
export type Work =
  | { kind: 'images'; batch: ImageBatch }
  | { kind: 'attack'; attack: AttackRule; batch: ImageBatch; epsilon: Epsilon; against?: DefenseRule }
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

/** `free` for attacks of minimum norm, which are judged at all epsilons. */
export type Epsilon = number | 'free';

/** One attack on one batch at one epsilon; against one defense, where it may ask that. */
export interface AttackSlot {
  step: ArenaStep;
  attack: AttackRule;
  batch: ImageBatch;
  epsilon: Epsilon;
  against?: DefenseRule;
}

/** All steps of a tournament, as far as they can be known. */
export interface Plan {
  batches: readonly ImageBatch[];
  /** Per batch: the clean images as blobs. */
  images: readonly ArenaStep[];
  attacks: readonly AttackSlot[];
  /** The defense on a clean batch. */
  clean(defense: DefenseRule, batch: ImageBatch): ArenaStep;
  /** The defenses that are asked about what an attack made. */
  asked(slot: AttackSlot): readonly DefenseRule[];
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
    [...batch.epsilons, 'free' as const].flatMap((epsilon) =>
      run.rules.attacks
        .filter((attack) => (attack.radius === 'minimum') === (epsilon === 'free'))
        .flatMap((attack) => slotsOf(run, attack, batch, epsilon)),
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
  const clean = (defense: DefenseRule, batch: ImageBatch): ArenaStep =>
    remembered(batch, defense, () =>
      defendStep(run, defense, `clean images, batch ${batch.index + 1}`, cleanRows(batch)),
    );
  const defend = (defense: DefenseRule, slot: AttackSlot, made: StepRecord): ArenaStep =>
    remembered(made, defense, () =>
      defendStep(run, defense, slot.step.label, attackedRows(slot.batch, made)),
    );
  const { defenses } = run.rules;
  const asked = (slot: AttackSlot): readonly DefenseRule[] =>
    slot.against === undefined ? defenses : [slot.against];

  /** In the order in which they are to be done. */
  function* possible(records: ReadonlyMap<string, StepRecord>): Generator<ArenaStep> {
    for (const slot of attacks) {
      const made = records.get(slot.step.id);
      if (made !== undefined) for (const d of asked(slot)) yield defend(d, slot, made);
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
    asked,
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
      const total = attacks.reduce((sum, slot) => sum + 1 + asked(slot).length, 0);
      return { done, total: batches.length * (1 + defenses.length) + total };
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

function imagesStep(run: RunFile, batch: ImageBatch): ArenaStep {
  const { channels, height, width } = run.dataset;
  return stepOf(
    'images',
    `clean images, batch ${batch.index + 1}`,
    { versions: run.versions, ids: batch.images.map((i) => i.id), shape: [channels, height, width] },
    { images: hashJson(batch.images.map((i) => i.pixels)) },
    { kind: 'images', batch },
  );
}

/** One slot for all defenses, or one for each where the attack may ask the defense that it meets. */
function slotsOf(run: RunFile, attack: AttackRule, batch: ImageBatch, epsilon: Epsilon): AttackSlot[] {
  const against = attack.opponent === 'none' ? [undefined] : run.rules.defenses;
  return against.map((defense) => ({
    attack,
    batch,
    epsilon,
    step: attackStep(run, attack, { batch, epsilon, against: defense }),
    ...(defense && { against: defense }),
  }));
}

function attackStep(
  run: RunFile,
  attack: AttackRule,
  { batch, epsilon, against }: { batch: ImageBatch; epsilon: Epsilon; against: DefenseRule | undefined },
): ArenaStep {
  const { rules } = run;
  const told = attack.goal !== 'targeted' && attack.labels === 'true';
  const sources = attack.sources.map((source) => subjectOf(run, source));
  const opponent = against && subjectOf(run, against);
  const networks = Object.fromEntries(
    [
      ...sources.map(([, n], i) => [`source ${i + 1}`, n] as const),
      ['opponent', opponent?.[1] ?? {}] as const,
    ].flatMap(([role, own]) =>
      Object.entries(own).map(([name, hash]) => [`${role}, ${name}`, hash] as const),
    ),
  );
  const radius = epsilon === 'free' ? '' : `, ${epsilonText(rules.norm, epsilon)}`;
  return stepOf(
    'attack',
    `${attack.name}, batch ${batch.index + 1}${radius}${against === undefined ? '' : `, against ${against.name}`}`,
    {
      versions: run.versions,
      // The judge's draws can be made from the seed itself.
      seed: roleSeed(rules.seed, 'attack'),
      attack: attack.attack,
      options: attack.options as Json,
      through: attack.through as unknown as Json,
      goal: attack.goal,
      labels: attack.goal === 'targeted' ? null : attack.labels,
      sources: sources.map(([source]) => source),
      ...(opponent && { opponent: [attack.opponent, opponent[0]] }),
      ...(attack.queries !== undefined && { queries: attack.queries }),
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
    { kind: 'attack', attack, batch, epsilon, ...(against && { against }) },
  );
}

function defendStep(run: RunFile, defense: DefenseRule, of: string, rows: Row[]): ArenaStep {
  const [subject, networks] = subjectOf(run, defense);
  return stepOf(
    'defend',
    `${defense.name} on ${of}`,
    {
      versions: run.versions,
      // What names are drawn from must stay unknown to who reads the definition.
      secret: hashJson(secretOf(run.rules.seed)),
      draws: run.rules.draws,
      subject,
      seconds: run.rules.batch.seconds,
    },
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
  const members = run.models[subject.model] ?? [];
  const logits = members.map((member) => member.logits === true);
  const networks = members.flatMap(({ onnx, sidecar, inputs }, i) => [
    [`network ${i + 1}`, onnx],
    ...(sidecar === null ? [] : [[`sidecar ${i + 1}`, sidecar]]),
    ...(inputs === undefined ? [] : [[`inputs ${i + 1}`, hashJson(inputs)]]),
  ]);
  return [
    { ...fusion, ...(logits.includes(true) && { logits }), chain: subject.chain as unknown as Json },
    Object.fromEntries(networks) as Record<string, string>,
  ];
}

function cleanRows(batch: ImageBatch): Row[] {
  return batch.images.map(({ pixels }, i) => ({ index: batch.from + i, pixels }));
}

function attackedRows(batch: ImageBatch, made: StepRecord): Row[] {
  const outcome = made.outcome as unknown as AttackOutcome;
  return cleanRows(batch).map((clean, i) => {
    const image = outcome.images[i];
    const blob = outputOf(made, (batch.images[i] as { id: string }).id);
    return image == null || blob === undefined ? clean : { index: clean.index, pixels: image.pixels, blob };
  });
}
