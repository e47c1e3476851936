import type {
  AttackEntry,
  BoardRow,
  Boards,
  Cell,
  ComparisonResult,
  DefenseEntry,
  Example,
  ThreatModel,
  TournamentResult,
} from '../../src/arena/index.ts';
import type { Estimate } from '../../src/tensor/index.ts';

/** A tournament as the arena might score it, made of formulas: 8 attacks, 6 defenses, 2 epsilons, 200 images. */

const images = 200;
const epsilons = [8 / 255, 16 / 255];

const attacks: AttackEntry[] = [
  entry('mi-fgsm-ensemble', 'mi-fgsm through di, ti', 'untargeted', ['mobilenet_v1', 'squeezenet1_1']),
  entry('pgd-40', 'pgd', 'untargeted', ['mobilenet_v2']),
  entry('bim', 'bim', 'untargeted', ['mobilenet_v1']),
  entry('fgsm', 'fgsm', 'untargeted', ['mobilenet_v1'], true),
  entry('random-noise', 'random-noise', 'untargeted', [], true),
  entry('mi-fgsm-targeted', 'mi-fgsm', 'targeted', ['mobilenet_v2', 'squeezenet1_1']),
  entry('iter-target-class', 'iter-target-class', 'targeted', ['mobilenet_v1'], true),
  entry('noop', 'noop', 'targeted', [], true),
];

const defenses: DefenseEntry[] = [
  defense('mobilenet_v2-median', 'mobilenet_v2', ['median']),
  defense('mobilenet_v2-jpeg-bits', 'mobilenet_v2', ['jpeg', 'bit-depth']),
  defense('mcunet-jpeg', 'mcunet_512kb', ['jpeg']),
  defense('mobilenet_v2', 'mobilenet_v2', [], true),
  defense('mcunet', 'mcunet_512kb', [], true),
  defense('tiny_darknet', 'tiny_darknet', [], true),
];

/** How strong each attack and defense is, on the scale of a logistic curve. */
const force: Readonly<Record<string, number>> = {
  'mi-fgsm-ensemble': 2.2,
  'pgd-40': 1.6,
  bim: 0.9,
  fgsm: 0.4,
  'random-noise': -1.6,
  'mi-fgsm-targeted': 1.2,
  'iter-target-class': 0.6,
  noop: -3.2,
  'mobilenet_v2-median': 0.7,
  'mobilenet_v2-jpeg-bits': 1.0,
  'mcunet-jpeg': 1.4,
  mobilenet_v2: -0.9,
  mcunet: 0.3,
  tiny_darknet: -0.2,
};

function entry(
  name: string,
  attack: string,
  goal: AttackEntry['goal'],
  sources: string[],
  baseline = false,
): AttackEntry {
  return { name, attack, options: {}, goal, sources, baseline };
}

function defense(name: string, model: string, chain: string[], baseline = false): DefenseEntry {
  return { name, model, chain: chain.map((link) => ({ name: link, options: {} })), baseline };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const share = (x: number): number => Math.round(x * images) / images;

function cellOf(a: AttackEntry, d: DefenseEntry, epsilon: number): Cell {
  const threat: ThreatModel = a.sources.includes(d.model) ? 'white box' : 'transfer';
  const own = threat === 'white box' ? 2.4 : 0;
  const strength = force[a.name] ?? 0;
  const bound = strength <= -1.5 ? 0 : (epsilon * 255 - 12) / 8;
  const accuracy = share(0.92 * logistic((force[d.name] ?? 0) + 1.4 - strength - own - bound));
  return {
    attack: a.name,
    defense: d.name,
    epsilon,
    threat,
    images,
    accuracy,
    error: 1 - accuracy,
    ...(a.goal === 'targeted' ? { hit: share((1 - accuracy) * (threat === 'white box' ? 0.85 : 0.06)) } : {}),
  };
}

const cells: Cell[] = attacks.flatMap((a) =>
  defenses.flatMap((d) => epsilons.map((epsilon) => cellOf(a, d, epsilon))),
);

function estimate(value: number): Estimate {
  const half = 1.96 * Math.sqrt((value * (1 - value)) / images);
  return { value, low: Math.max(0, value - half), high: Math.min(1, value + half) };
}

const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

interface Ranked {
  name: string;
  baseline: boolean;
}

function board(
  entries: Ranked[],
  side: 'attack' | 'defense',
  within: Cell[],
  win: (c: Cell) => number,
): BoardRow[] {
  const other = side === 'attack' ? 'defense' : 'attack';
  return entries
    .flatMap((e, i): Omit<BoardRow, 'rank'>[] => {
      const own = within.filter((c) => c[side] === e.name);
      const first = own[0];
      if (first === undefined) return [];
      const worst = own.reduce((a, b) => (win(b) < win(a) ? b : a), first);
      return [
        {
          name: e.name,
          baseline: e.baseline,
          score: estimate(mean(own.map(win))),
          worst: { ...estimate(win(worst)), opponent: worst[other] },
          perImageWorst: estimate(share(win(worst) * 0.8)),
          ...(side === 'defense' ? { cleanAccuracy: estimate(share(0.93 - 0.03 * i)) } : {}),
          ...(e.name === 'noop' ? {} : { medianSeconds: 0.6 * (i + 1) ** 2 }),
          coverage: e.name === 'tiny_darknet' ? 0.96 : 1,
        },
      ];
    })
    .toSorted((a, b) => b.score.value - a.score.value)
    .map((row, i) => ({ ...row, rank: i + 1 }));
}

function boardsOf(of: Cell[], threat: Boards['threat'], epsilon?: number): Boards {
  const within = of.filter(
    (c) => (threat === 'all' || c.threat === threat) && (epsilon === undefined || c.epsilon === epsilon),
  );
  return {
    threat,
    ...(epsilon === undefined ? {} : { epsilon }),
    untargeted: board(
      attacks.filter((a) => a.goal === 'untargeted'),
      'attack',
      within,
      (c) => c.error,
    ),
    targeted: board(
      attacks.filter((a) => a.goal === 'targeted'),
      'attack',
      within,
      (c) => c.hit ?? 0,
    ),
    defenses: board(defenses, 'defense', within, (c) => c.accuracy),
  };
}

const comparisons: ComparisonResult[] = [
  {
    title: 'Momentum and many sources transfer better than one source',
    above: ['mi-fgsm-ensemble'],
    below: ['bim'],
    on: ['mcunet-jpeg', 'mcunet', 'tiny_darknet'],
    aboveScore: 0.582,
    belowScore: 0.341,
    difference: { value: 0.241, low: 0.198, high: 0.284 },
  },
  {
    title: 'JPEG before bit depth resists better than a median filter',
    above: ['pgd-40'],
    below: ['pgd-40', 'bim'],
    on: ['mobilenet_v2-jpeg-bits'],
    aboveScore: 0.412,
    belowScore: 0.424,
    difference: { value: -0.012, low: -0.051, high: 0.028 },
  },
  {
    title: 'One step transfers better than many',
    above: ['fgsm'],
    below: ['bim'],
    on: ['mcunet', 'tiny_darknet'],
    aboveScore: 0.288,
    belowScore: 0.377,
    difference: { value: -0.089, low: -0.13, high: -0.049 },
  },
];

const examples: Example[] = [
  example('0411ca972e637297', 'mi-fgsm-ensemble', epsilons[0] as number, 304),
  example('0411ca972e637297', 'mi-fgsm-targeted', epsilons[1] as number, 304, 813),
  example('11954d93a7051cb5', 'pgd-40', epsilons[1] as number, 672),
];

function example(id: string, attack: string, epsilon: number, label: number, target?: number): Example {
  return {
    id,
    attack,
    epsilon,
    label,
    ...(target === undefined ? {} : { target }),
    clean: `${id}-clean`,
    adversarial: `${id}-${attack}`,
    answers: defenses.map((d, i) => ({
      defense: d.name,
      clean: i === 5 ? label + 1 : label,
      adversarial: i === 4 ? null : i < 2 ? label : (target ?? label + 7 * i),
    })),
  };
}

function allBoards(of: Cell[]): Boards[] {
  return (['all', 'transfer', 'queries', 'white box'] as const)
    .filter((threat) => threat === 'all' || of.some((c) => c.threat === threat))
    .flatMap((threat) => [undefined, ...epsilons].map((epsilon) => boardsOf(of, threat, epsilon)));
}

/** The same over three draws, with two attacks that may ask the defense that they meet. */
export function askingResult(): TournamentResult {
  const result = tournamentResult();
  const opponents = { bim: 'scores', 'pgd-40': 'gradient' } as const;
  const isAsking = (name: string): name is keyof typeof opponents => Object.hasOwn(opponents, name);
  result.attacks = result.attacks.map((a) =>
    isAsking(a.name) ? { ...a, sources: [], opponent: opponents[a.name] } : a,
  );
  result.cells = result.cells.map((c) =>
    isAsking(c.attack) ? { ...c, threat: c.attack === 'bim' ? 'queries' : 'white box' } : c,
  );
  return {
    ...result,
    draws: 3,
    boards: allBoards(result.cells),
    dataset: { ...result.dataset, classNames: { 304: 'coucal', 813: 'space heater', 672: 'motor scooter' } },
  };
}

export function tournamentResult(): TournamentResult {
  return structuredClone({
    name: 'Autumn transfer round',
    seed: 2017,
    norm: 'linf',
    epsilons,
    epsilonPerBatch: 'all',
    draws: 1,
    dataset: { name: 'nips2017-dev', images },
    attacks,
    defenses,
    networks: [],
    cells,
    boards: allBoards(cells),
    comparisons,
    examples,
    flags: [
      {
        code: 'MISSING_ANSWERS',
        message: 'tiny_darknet gave no answer for 8 of 200 images; these count as wrong.',
      },
      {
        code: 'OUTSIDE_LIMIT',
        message: 'bim: 3 images left the ball or the pixel range and were brought back.',
      },
    ],
    versions: { advarena: '0.1.0', node: '24.21.0', 'onnxruntime-node': '1.30.0', sharp: '0.35.5' },
  });
}
