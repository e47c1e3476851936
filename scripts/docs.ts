import { readFileSync, writeFileSync } from 'node:fs';
import type { z } from 'zod';
import { type Attack, attacks, views } from '../src/attacks/index.ts';
import { optionsOf } from '../src/catalog/index.ts';
import { defenses, trainingDefenses } from '../src/defenses/index.ts';
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
    table(
      ['attack', 'what it is', 'access', 'norms', 'radius', 'goals'],
      attacks.all.map((a) => [
        `[${a.name}](#${a.name})`,
        a.title,
        a.access,
        a.norms.join(', '),
        radiusOf(a),
        a.goals.join(', '),
      ]),
    ),
    ...attacks.all.flatMap((a) => [`## ${a.name}`, `${a.title}. Paper: ${a.paper}.`, options(a.options)]),
    '# Views',
    'Other ways to look at a model: an attack sees the view in the place of the model. In the command line `--through NAME` or `--through NAME:option=value`, in the competition file and the library `through`.',
    ...views.all.flatMap((v) => [`## ${v.name}`, `${v.title}. Paper: ${v.paper}.`, options(v.options)]),
  );
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
