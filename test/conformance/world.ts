import {
  type Attack,
  attacks,
  type GoalKind,
  kindsOf,
  presets,
  type Queries,
} from '../../src/attacks/index.ts';
import {
  type Assignment,
  type AttackRequest,
  makeImages,
  type Parties,
  type Proposal,
  resolveAttack,
} from '../../src/judge/index.ts';
import { asked, type Classifier, over, scoresOf } from '../../src/models/index.ts';
import {
  type Images,
  type LimitSpec,
  type Norm,
  randomOf,
  rows,
  type Tensor,
  takeRows,
  tensor,
  toFloat,
} from '../../src/tensor/index.ts';
import { affine, convolution, noisy } from '../pixel-networks.ts';
import { small as network, normal } from '../small-models.ts';

/**
 * What the contract tests of attacks share: small networks, images, and a task for every attack of the catalog, which
 * gets what its own fields ask for.
 */

const random = randomOf(11, 'test');
export const [channels, side, classes, count] = [3, 6, 4, 7];
export const size = channels * side * side;
export const input = { channels, height: side, width: side };

const built = (name: string): Classifier => network(input, convolution(name, input, classes), name);

/** The attacks of the catalog; of presets, which one code makes, the shortest of several parts. */
export const whole: Attack[] = attacks.all.filter(
  ({ name }) => name === 'pgd-then-square' || presets.all.every((preset) => preset.name !== name),
);

/** The judged model. */
export const small = built('small');

/** Another network, for attacks that take several. */
export const other = built('other');

/** The judged model behind random noise. */
export const drawing = noisy(small, randomOf('draws', 'model'));

/** The same answer to everything, so a gradient of zero everywhere. */
export const dead = affine('dead', input, tensor(new Float32Array(size * classes), [size, classes]));

/** Answers and gradients that are no numbers. */
export const numberless: Classifier = over(small, {
  async answers(q) {
    const answers = await small.answers(q);
    return { ...answers, ...without(scoresOf(answers), answers.classes) };
  },
  async gradient(q, objective, given) {
    const answer = await small.gradient(q, objective, given);
    answer.gradient.data.fill(Number.NaN);
    answer.value.fill(Number.NaN);
    return { ...answer, ...without(answer.scores, answer.classes) };
  },
});

function without(scores: Tensor, classes: Int32Array): { scores: Tensor; classes: Int32Array } {
  return { scores: { ...scores, data: scores.data.map(() => Number.NaN) }, classes: classes.map(() => -1) };
}

/** z = W x with two classes: cross-entropy and the margin then point the same way. */
export const weights = normal('affine', [size, 2]);
export const twoClasses = affine('affine', input, weights);

/** Four classes, for losses that need more than two. */
export const moreWeights = normal('affine of four', [size, 4]);
export const fourClasses = affine('affine of four', input, moreWeights);

/** 8-bit images of all brightness, some of them at the ends of the range. */
export const images: Images = toFloat({
  dtype: 'uint8',
  shape: [count, channels, side, side],
  data: Uint8Array.from({ length: count * size }, (_, i) => {
    const level = random.stream(String(i), 'pixel').integer(300) - 22;
    return Math.min(255, Math.max(0, level));
  }),
});
export const ids = Array.from({ length: count }, (_, i) => `image${i}`);
export const answers = (await small.answers(asked(images, ids))).classes;
/** What the model answers, but for the last two images. */
export const labels = answers.map((answer, i) => (i < count - 2 ? answer : (answer + 1) % classes));
export const targets = labels.map((label) => (label + 2) % classes);

/** Half of the pixels of each image, another half for each. */
export const masks: Tensor<'uint8'> = {
  dtype: 'uint8',
  shape: [count, 1, side, side],
  data: Uint8Array.from({ length: count * side * side }, (_, i) =>
    random.stream(String(i), 'mask').integer(2),
  ),
};

export const radius: Record<Norm, number> = { linf: 16 / 255, l2: 0.6, l1: 3, l0: 5, 'l0-entries': 5 };

/** Options and budgets of attacks that would be long; those that are not named here run as they are. */
const short: Record<string, { options?: Record<string, unknown>; queries?: Queries }> = {
  alma: { options: { steps: 20 } },
  apgd: { options: { steps: 12 } },
  brightness: { options: { steps: 10, bisections: 3 } },
  contrast: { options: { steps: 10, bisections: 3 } },
  cw: { options: { steps: 20, searches: 3, firstConstant: 1, rate: 0.05 } },
  ddn: { options: { steps: 20 } },
  ead: { options: { steps: 20, searches: 3, firstConstant: 1, stepSize: 0.05 } },
  fab: { options: { steps: 5, targetClasses: 3 } },
  fmn: { options: { steps: 20 } },
  lbfgs: { options: { steps: 5, searches: 4 } },
  'gaussian-blur': { options: { steps: 10, bisections: 3 } },
  geoda: { options: { neighbours: 2 } },
  nes: { options: { pairs: 2 } },
  'one-pixel': { options: { population: 5 } },
  pgd: { options: { steps: 10 } },
  'pgd-then-square': { queries: 30 },
  'prior-guided': { options: { directions: 4 } },
  'repeated-noise': { options: { draws: 25 } },
  'salt-and-pepper': { options: { steps: 10, bisections: 3, restarts: 2 } },
  'sigma-zero': { options: { steps: 20 } },
  'smallest-radius': { options: { inner: 'pgd:steps=5', searches: 4 } },
  'sparse-pgd': { options: { steps: 10 } },
  'sparse-rs': { options: { schedule: 25 } },
  spatial: { options: { angles: 3, shifts: 3 } },
  spsa: { options: { pairs: 2 } },
  'sign-opt': { options: { directions: 1, neighbours: 4 } },
  square: { options: { schedule: 25 } },
  sticker: { options: { steps: 10 } },
  zoo: { options: { coordinates: 8, stepSize: 0.5 }, queries: 120 },
};

/** Options that keep a test short. */
export function shortOptions({ name }: Attack): Record<string, unknown> {
  return short[name]?.options ?? {};
}

/** Attacks that would ask for ever are given so many questions. */
export const fewQueries = 25;

/** Goals of an attack in each of its norms. */
export function casesOf(attack: Attack): { norm: Norm; goal: GoalKind }[] {
  return attack.norms.flatMap((norm) => attack.goals.map((goal) => ({ norm, goal })));
}

/** What an attack works within, in one of its norms: a radius, none for minimum norms, a region where it needs one. */
export function limitFor(attack: Attack, norm: Norm, region?: LimitSpec['region']): LimitSpec {
  const where = region ?? (attack.region === 'needed' ? { share: 0.3 } : undefined);
  const epsilon = attack.radius === 'minimum' ? 'free' : radius[norm];
  return { norm, epsilon, ...(where !== undefined && { region: where }) };
}

export type Change = Partial<Assignment> & { norm?: Norm; region?: LimitSpec['region'] };

/** A task for an attack: its first norm and goal, unless told otherwise. */
export function assignment(attack: Attack, { norm, region, ...change }: Change = {}): Assignment {
  const queries = short[attack.name]?.queries ?? (attack.queries === undefined ? undefined : fewQueries);
  return {
    limit: limitFor(attack, norm ?? (attack.norms[0] as Norm), region),
    pixels: '8-bit',
    masks,
    goal: attack.goals[0] as GoalKind,
    seed: '5',
    ids,
    images,
    labels,
    targets,
    ...(queries !== undefined && { queries }),
    ...change,
  };
}

/** The models that an attack asks for, the judged one and those from which it may learn. */
export function partiesFor(attack: Attack, model = small, more = other): Parties {
  return {
    model,
    ...(attack.members === true && { members: [model, more] }),
    ...(attack.opponent !== undefined && { opponent: { model, granted: attack.opponent } }),
  };
}

export interface Making {
  model?: Classifier;
  parties?: Parties;
  options?: Record<string, unknown>;
  through?: { name: string; options?: Record<string, unknown> }[];
  pause?: () => Promise<void>;
}

/** What the attack proposes. */
export function make(
  attack: Attack,
  given = assignment(attack),
  { model, parties = partiesFor(attack, model), options, through = [], pause }: Making = {},
): Promise<Proposal> {
  const spec = { name: attack.name, options: options ?? shortOptions(attack), through };
  return makeImages(parties, resolveAttack(spec), given, pause === undefined ? {} : { pause });
}

/** The same task as a request to the judge; without an epsilon for minimum norms. */
export function requestFor(
  attack: Attack,
  goal = attack.goals[0] as GoalKind,
): AttackRequest & { epsilon?: number } {
  const { limit, queries } = assignment(attack);
  const { norm, epsilon, region } = limit;
  return {
    images,
    ids,
    labels,
    norm,
    ...(typeof epsilon === 'number' && { epsilon }),
    ...(region && { region }),
    masks,
    goal,
    ...(goal === 'targeted' && { targets }),
    ...(attack.members === true && { sources: partiesFor(attack).members }),
    ...(queries !== undefined && { queries }),
    options: shortOptions(attack),
  };
}

/** Rows of an assignment, in the order given. */
export function part(given: Assignment, which: readonly number[]): Assignment {
  const take = (of: Int32Array | undefined): Int32Array => Int32Array.from(which, (i) => of?.[i] as number);
  return {
    ...given,
    ids: which.map((i) => given.ids[i] as string),
    images: takeRows(given.images, which),
    labels: take(given.labels),
    targets: take(given.targets),
    ...(given.masks && { masks: takeRows(given.masks, which) }),
  };
}

export function row(x: Images, i: number): Float32Array {
  return rows(x, i, i + 1).data;
}

/** Attacks that ask something. */
export function asking(all: readonly Attack[]): Attack[] {
  return all.filter((attack) => kindsOf(attack).length > 0);
}
