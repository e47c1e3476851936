import { roadsignClasses } from '../../src/data/index.ts';
import { wilson } from '../../src/tensor/index.ts';
import { confusedPairs, type Pairs, pairedDifference, perClass } from './statistics.ts';

/** The file `docs/roadsigns.json`, which `study.ts` writes. */
export interface Study {
  model: { name: string; sha256: string };
  images: { part: 'dev'; seed: string; count: number };
  /** Row: true class, column: answer. */
  confusion: number[][];
  /** `first`: right with the nuisance alone; `second`: right without it alone. */
  nuisances: { off: string; pairs: Pairs }[];
  hidden: {
    training: { photographs: number; epochs: number };
    /** Share of pixels that hiding the sign leaves. */
    left: number;
    /** By the network that has never seen a sign. */
    right: number;
    /** By the network that has. */
    rightOfModel: number;
  };
}

/** The page `docs/roadsigns.md`. */
export function roadsignsPage({ model, images, confusion, nuisances, hidden }: Study): string {
  const classes = perClass(confusion);
  const right = classes.reduce((total, c) => total + c.right, 0);
  const chance = 100 / roadsignClasses.length;
  const all = nuisances.find(({ off }) => off === 'all')?.pairs;
  const single = nuisances
    .filter(({ off }) => off !== 'all')
    .map(({ off, pairs }) => ({ off, pairs, difference: pairedDifference(pairs) }))
    .toSorted((a, b) => b.difference.value - a.difference.value);
  return [
    '# Road signs',
    '<!-- Made from docs/roadsigns.json by `npm run docs`. Do not edit. -->',
    `Photographs of road signs that a seed determines: 64x64 RGB, ${roadsignClasses.length} classes, rendered from drawings of the project's own. \`advarena data roadsigns --count N --seed S --out DIR\` writes them with the sign's pose and mask; the seed of the part \`final\`, kept secret, keeps the photographs secret.`,
    '![Thirty-two photographs: signs in the sun, in shadow and at dusk, blurred, dirty, half covered, before skies, houses and trees](roadsigns.png)',
    `This page asks whether the classes are told apart by what a person would go by. Figures are of ${count(images.count)} photographs of the part \`${images.part}\` with the seed \`${images.seed}\`, which no recipe of the zoo uses, and of the network [${model.name}](../zoo/${model.name}/recipe.yaml) unless another is named. Intervals are of 95 %.`,
    '## What is confused',
    `${share(right, images.count)} are answered right.`,
    table(
      ['class', 'right', 'interval', 'most often taken for'],
      roadsignClasses.map((name, label) => {
        const { right: hits, count: of } = classes[label] as { right: number; count: number };
        return [name, percent(hits / of), interval(hits, of), rival(confusion[label] as number[], label)];
      }),
    ),
    'The pairs that are confused most, either way:',
    table(
      ['pair', 'photographs'],
      confusedPairs(confusion)
        .slice(0, 8)
        .map(({ classes: [a, b], wrong }) => [`${name(a)}, ${name(b)}`, String(wrong)]),
    ),
    'All answers; rows are true classes, columns answers, both by number of the class:',
    table(
      ['', ...roadsignClasses.map((_, i) => String(i))],
      confusion.map((row, i) => [`${i} ${name(i)}`, ...row.map((n) => (n === 0 ? '' : String(n)))]),
    ),
    '## What makes it hard',
    `Each nuisance left out, all others as they were: the same signs at the same places, ${count(total(single[0]?.pairs))} photographs, paired. Gained is what is right without the nuisance alone, lost what is right with it alone.`,
    table(
      ['without', 'right', 'gained', 'lost', 'difference in points', 'interval'],
      [...single, ...(all === undefined ? [] : [{ off: 'all of them', pairs: all }])].map(
        ({ off, pairs }) => {
          const { value, low, high } = pairedDifference(pairs);
          return [
            off,
            percent((pairs.both + pairs.second) / total(pairs)),
            String(pairs.second),
            String(pairs.first),
            signed(value),
            `${signed(low)} to ${signed(high)}`,
          ];
        },
      ),
    ),
    '## What the surroundings give away',
    `A network of the same recipe that has never seen a sign (\`greySign\`, ${count(hidden.training.photographs)} photographs, ${hidden.training.epochs} epochs) is asked about the same photographs with the sign hidden: ${share(hidden.right, images.count)} (${interval(hidden.right, images.count)}) are right, where chance gives ${chance.toFixed(2)} %. The network that knows the signs answers ${percent(hidden.rightOfModel / images.count)} of these right.`,
    `Hidden is the upright rectangle about the square that the sign was drawn in, and four pixels round it, not its outline, which would tell a triangle from a disc. ${percent(hidden.left)} of all pixels are left. The pose is drawn without the class, and so are post, boards, other signs and all else. Two things do go out from the sign into its surroundings, as they do in a camera: its brightness, through the meter that sets the exposure, and traces of its colours in the blocks of the JPEG.`,
    ...looked,
    '## Made anew',
    'One command renders, trains, measures and writes `docs/roadsigns.json` and `docs/roadsigns.png`; it goes on where it was stopped. `npm run docs` makes this page of it.',
    '```sh\nnode --conditions=advarena-source scripts/roadsigns-study/study.ts\n```',
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** What no figure says. */
const looked: readonly string[] = [
  '## Looked at',
  'Forty fresh photographs beside what real ones of this size are like. Taken for a camera’s: light (sun, shade, backlit signs before a bright sky, dusk with lit windows, haze) and how the exposure follows it; faded reds and greys; grain that is coarse and coloured in the dark; blur of motion and of focus; the mush and the blocks of small JPEGs; twigs, posts and second signs that cut into the frame. Not: backgrounds are textures without things, so that foliage is blotches, a facade a grid of equal windows and the ground often one dark band; nobody walks and nothing drives there; there is no rain, no snow and no glare of lamps; every digit and figure comes from one drawing, where the world has dozens; and a sign is always near the middle and nearly upright, as a detector would cut it out, never as it hangs in a street scene.',
  'Forty of the mistakes, most of which a person understands: 30, 50 and 80 where the sign is small, dim or blurred, walkers and children a dozen pixels high, leaves, a post or a sticker over the part that tells. Often a second sign hangs whole above or below, and the answer is that one’s: the sign in question is the one nearest to the middle, which no photograph says. Some are plain to the eye, mostly digits under a shadow or a sticker.',
];

function name(label: number): string {
  return roadsignClasses[label] as string;
}

function rival(row: readonly number[], label: number): string {
  const others = row.map((n, i) => (i === label ? 0 : n));
  const most = Math.max(...others);
  return most === 0 ? '' : `${name(others.indexOf(most))} (${most})`;
}

function total(pairs: Pairs | undefined): number {
  return pairs === undefined ? 0 : pairs.both + pairs.first + pairs.second + pairs.neither;
}

function share(part: number, whole: number): string {
  return `${count(part)} of ${count(whole)} (${percent(part / whole)})`;
}

function interval(part: number, whole: number): string {
  const { low, high } = wilson(part, whole);
  return `${percent(low)} to ${percent(high)}`;
}

function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function signed(points: number): string {
  const text = points.toFixed(1);
  return points >= 0 && text !== '-0.0'
    ? `+${text.replace('-', '')}`
    : text.replace('-0.0', '0.0').replace('-', '−');
}

function count(value: number): string {
  return value.toLocaleString('en-GB');
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
