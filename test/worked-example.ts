import type { AttackRule, BoardRow, Rules, RunFile } from '../src/arena/index.ts';
import { type ArenaStep, planOf } from '../src/arena/plan.ts';
import type { Json, StepRecord } from '../src/runs/index.ts';

/** Answers to the four images in order, in one draw; null where there is none. */
type Draw = readonly (number | null)[];

/** What happened in a tournament over the four images, by the names of attacks and defenses. */
export interface Story {
  /** Per defense its draws. */
  readonly clean: Readonly<Record<string, readonly Draw[]>>;
  readonly attacks: Readonly<
    Record<
      string,
      {
        readonly answers: Readonly<Record<string, readonly Draw[]>>;
        /** Rows of which it made no image; a batch without any crashed. */
        readonly missing?: readonly number[];
        /** From the clean images; the epsilon of the step by default. */
        readonly distances?: readonly number[];
        /** Images of each batch that got a gradient of zero, and one that was not finite. */
        readonly zero?: number;
        readonly notFinite?: number;
      }
    >
  >;
}

/**
 * The worked example of the scoring page: four images in two batches, labels 1 to 4, targets 5 to 8. a2 never made
 * image 4, t1 crashed on the second batch, d2 gave no answer for t1's second image.
 */
export const story: Story = {
  clean: { d1: [[1, 2, 3, 4]], d2: [[1, 2, 3, 9]] },
  attacks: {
    a1: { answers: { d1: [[1, 9, 3, 9]], d2: [[9, 9, 3, 4]] }, zero: 1 },
    a2: { answers: { d1: [[1, 2, 9, 4]], d2: [[1, 2, 3, 9]] }, missing: [3] },
    t1: { answers: { d1: [[5, 2, 3, 4]], d2: [[5, null, 3, 9]] }, missing: [2, 3] },
  },
};

/** An attack of the worked example: on d1 by its name, unless said otherwise. */
export function attackRule(name: string, change: Partial<AttackRule> = {}): AttackRule {
  return {
    name,
    attack: 'fgsm',
    options: { name },
    through: [],
    goal: 'untargeted',
    labels: 'true',
    radius: 'fixed',
    sources: [{ model: 'd1', chain: [] }],
    opponent: 'none',
    baseline: false,
    ...change,
  };
}

export const rules: Rules = {
  name: 'worked example',
  seed: 1,
  norm: 'linf',
  epsilons: [8 / 255],
  epsilonPerBatch: 'all',
  draws: 1,
  dataset: { images: 'images' },
  batch: { size: 2, seconds: 1 },
  models: { d1: { file: 'd1.onnx' }, d2: { file: 'd2.onnx' } },
  attacks: [attackRule('a1'), attackRule('a2', { sources: [] }), attackRule('t1', { goal: 'targeted' })],
  defenses: ['d1', 'd2'].map((name) => ({ name, model: name, chain: [], baseline: false })),
  comparisons: [{ title: 'a1 above a2', above: ['a1'], below: ['a2'], on: ['d1', 'd2'] }],
  examples: 2,
};

/** The run of the worked example. */
export function runWith(change: Partial<Rules> = {}): RunFile {
  return {
    format: 3,
    rules: { ...rules, ...change },
    dataset: {
      name: 'four',
      channels: 3,
      height: 1,
      width: 1,
      labelOffset: 0,
      classes: 10,
      images: [1, 2, 3, 4].map((label) => ({
        id: `i${label}`,
        label,
        target: label + 4,
        pixels: `clean${label}`,
      })),
    },
    models: { d1: [{ onnx: 'one', sidecar: null }], d2: [{ onnx: 'two', sidecar: null }] },
    versions: { advarena: 'test' },
  };
}

/** Records as if the steps had been done, by asking the plan what comes next. */
export function recordsOf(run: RunFile, told: Story = story): Map<string, StepRecord> {
  const plan = planOf(run);
  const records = new Map<string, StepRecord>();
  const add = ({ id, kind, definition, inputs }: ArenaStep, outcome: unknown, outputs = {}): void => {
    const record = { id, kind, definition, inputs, outcome: outcome as Json, outputs };
    records.set(id, { ...record, observed: { seconds: 2 } });
  };
  const answered = (draws: readonly Draw[] = [], { from, to }: { from: number; to: number }): unknown => ({
    status: 'ok',
    flags: [],
    classes: draws.map((draw) => draw.slice(from, to)),
  });
  for (const step of plan.images) {
    if (step.work.kind !== 'images') throw new Error('not a step of clean images');
    add(step, null, Object.fromEntries(step.work.batch.images.map(({ id }) => [id, `png of ${id}`])));
  }
  for (const defense of run.rules.defenses)
    for (const batch of plan.batches)
      add(plan.clean(defense, batch), answered(told.clean[defense.name], batch));
  for (const slot of plan.attacks) {
    const { attack, batch, epsilon, against } = slot;
    const {
      answers = {},
      missing = [],
      distances,
      zero = 0,
      notFinite = 0,
    } = told.attacks[attack.name] ?? {};
    const by = `${attack.name}${against === undefined ? '' : ` against ${against.name}`}`;
    const images = batch.images.map(({ id }, i) =>
      missing.includes(batch.from + i)
        ? null
        : {
            pixels: `${by} ${id} ${epsilon}`,
            distance: distances?.[batch.from + i] ?? epsilon,
            asked: { decisions: 0, scores: 0, gradients: 1 },
          },
    );
    const made = batch.images.filter((_, i) => images[i] !== null);
    const failed = made.length === 0;
    add(
      slot.step,
      {
        status: failed ? 'crashed' : 'ok',
        ...(failed && { message: 'The host of the work died.' }),
        flags: [],
        outside: 0,
        zero,
        notFinite,
        images,
      },
      Object.fromEntries(made.map(({ id }) => [id, `png of ${id} by ${by}`])),
    );
    const record = records.get(slot.step.id) as StepRecord;
    for (const defense of plan.asked(slot))
      add(plan.defend(defense, slot, record), answered(answers[defense.name], batch));
  }
  if (plan.next(records).length > 0) throw new Error('the plan has more to do');
  return records;
}

/** Score, worst figure, against whom, per-image worst and coverage of each line of a board. */
export function figures(rows: readonly BoardRow[] = []): unknown {
  return Object.fromEntries(
    rows.map((r) => [
      r.name,
      [r.score.value, r.worst.value, r.worst.opponent, r.perImageWorst.value, r.coverage],
    ]),
  );
}
