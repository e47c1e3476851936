import { readFileSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Measured } from '../benchmarks/attacks.ts';
import { type Attack, attacks, views } from '../src/attacks/index.ts';
import { optionsOf } from '../src/catalog/index.ts';
import { defenses, trainingDefenses } from '../src/defenses/index.ts';
import { epsilonText, type Norm } from '../src/tensor/index.ts';
import { operatorsPage } from './operators-page.ts';
import { roadsignsPage, type Study } from './roadsigns-study/page.ts';
import { zooPage } from './zoo-page.ts';

/** A page of the documentation that is made from the definitions. */
export interface Page {
  file: string;
  render: () => string;
}

const note = '<!-- Made from the definitions by `npm run docs`. Do not edit. -->';

export const pages: readonly Page[] = [
  { file: 'docs/attacks.md', render: attacksPage },
  { file: 'docs/defenses.md', render: defensesPage },
  { file: 'docs/op-support.md', render: () => join('# Operators', note, ...operatorsPage(table)) },
  {
    file: 'docs/roadsigns.md',
    render: () => roadsignsPage(JSON.parse(readFileSync('docs/roadsigns.json', 'utf8')) as Study),
  },
  { file: 'docs/zoo.md', render: () => `${zooPage(note)}\n` },
];

function attacksPage(): string {
  return join(
    '# Attacks',
    note,
    'Each attack by the name that the command line, the competition file and the library know it by. `access` is what it asks of the model: nothing, decisions, scores or gradients. Within a `given` radius it looks for any success; the `smallest` change is looked for once and judged at every radius. In the command line an option is a flag, `--step-size` for `stepSize`, or stands in the [short form](formats.md#short-form): `--attack pgd:steps=40`. `advarena attacks NAME` tells the same, with an example.',
    `Measured: each with its defaults on ${measured.images.count} photographs of road signs that \`${measured.network}\` has right (\`npm run measure\`), inside the radius named or for the smallest change, with ${measured.queries} questions per image where it would ask for ever; 8-bit pixels. What it cost is per image. So few images tell attacks that differ much apart, no others.`,
    table(
      ['attack', 'what it is', 'access', 'norms', 'radius', 'goals', 'held to', 'measured', 'at the cost of'],
      attacks.all.map((a) => [
        `[${a.name}](#${a.name})`,
        a.title,
        a.access,
        a.norms.join(', '),
        radiusOf(a),
        a.goals.join(', '),
        a.heldTo ?? '',
        ...measuredOf(a.name),
      ]),
    ),
    ...attacks.all.flatMap((a) => [`## ${a.name}`, `${a.title}. Paper: ${a.paper}.`, options(a.options)]),
    '# Views',
    'Other ways to look at a model: an attack sees the view in the place of the model. In the command line `--through NAME` or `--through NAME:option=value`, in the competition file and the library `through`.',
    ...views.all.flatMap((v) => [`## ${v.name}`, `${v.title}. Paper: ${v.paper}.`, options(v.options)]),
  );
}

const measured = JSON.parse(readFileSync('docs/attacks.json', 'utf8')) as Measured;

/** What it did, and what it asked per image. */
function measuredOf(name: string): [string, string] {
  const row = measured.attacks[name];
  if (row === undefined) return ['', ''];
  const { norm, epsilon, goal, won, distance, gradients, questions } = row;
  const { count } = measured.images;
  const within = epsilon === null ? `smallest ${norm}` : `${norm} ${epsilonText(norm, epsilon)}`;
  const far = epsilon === null && distance !== null ? `, median ${distanceText(norm, distance)}` : '';
  const aim = goal === 'untargeted' ? '' : `, ${goal}`;
  const each = (asked: number, what: string): string[] =>
    asked === 0 ? [] : [`${Math.round(asked / count).toLocaleString('en')} ${what}`];
  return [
    `${within}${aim}: ${won} of ${count}${far}`,
    [...each(gradients, 'gradients'), ...each(questions, 'questions')].join(', '),
  ];
}

function distanceText(norm: Norm, distance: number): string {
  return norm === 'linf' ? `${(distance * 255).toFixed(1)}/255` : String(Number(distance.toPrecision(3)));
}

function radiusOf({ radius, region }: Attack): string {
  if (radius === 'minimum') return 'smallest';
  return region === 'needed' ? 'given or none, in a region' : 'given';
}

function defensesPage(): string {
  return join(
    '# Defenses',
    note,
    'Each defense by the name that the command line (`--defense NAME:option=value`), the competition file (`chain`) and the library know it by. They can be chained.',
    table(
      ['defense', 'what it is'],
      defenses.all.map((d) => [`[${d.name}](#${d.name})`, d.title]),
    ),
    ...defenses.all.flatMap((d) => [`## ${d.name}`, `${d.title}. Paper: ${d.paper}.`, options(d.options)]),
    '# Training defenses',
    'They act while a network is trained: a [recipe](formats.md#recipe) names one under `defense`. The networks that they made are in the [zoo](zoo.md).',
    ...trainingDefenses.all.flatMap((d) => [
      `## ${d.name}`,
      `${d.title}. Paper: ${d.paper}.${d.sources ? ' It learns from other networks too: `sources`.' : ''}`,
      options(d.options),
    ]),
  );
}

/** The options of an entry as a table, from its schema. */
function options(schema: z.ZodType): string {
  const known = optionsOf(schema);
  if (known.length === 0) return 'It takes no options.';
  return table(
    ['option', 'values', 'default', 'what it does'],
    known.map((o) => [
      code(o.name),
      o.choices?.map(code).join(', ') ?? o.values,
      o.default === undefined ? '' : code(JSON.stringify(o.default)),
      o.description,
    ]),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function join(...blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

if (import.meta.main) for (const { file, render } of pages) writeFileSync(file, render());
