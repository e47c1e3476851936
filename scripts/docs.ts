import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { attacks, views } from '../src/attacks/index.ts';
import { defenses, trainingDefenses } from '../src/defenses/index.ts';
import { operatorsPage } from './operators-page.ts';
import { roadsignsPage, type Study } from './roadsigns-study/page.ts';
import { zooPage } from './zoo-page.ts';

/** A page of the documentation that is made from the definitions. */
export interface Page {
  file: string;
  render: () => string;
}

interface Property {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
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
    'Each attack by the name that the command line, the competition file and the library know it by. `access` is what it asks of the model: nothing, decisions, scores or gradients. In the command line `stepSize` is `--step-size`.',
    table(
      ['attack', 'what it is', 'access', 'norms', 'goals'],
      attacks.all.map((a) => [
        `[${a.name}](#${a.name})`,
        a.title,
        a.access,
        a.norms.join(', '),
        a.goals.join(', '),
      ]),
    ),
    ...attacks.all.flatMap((a) => [`## ${a.name}`, `${a.title}. Paper: ${a.paper}.`, options(a.options)]),
    '# Views',
    'Other ways to look at a model: an attack sees the view in the place of the model. In the command line `--through NAME`, in the competition file and the library `through`.',
    ...views.all.flatMap((v) => [`## ${v.name}`, `${v.title}. Paper: ${v.paper}.`, options(v.options)]),
  );
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
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, Property>;
  };
  const names = Object.keys(properties);
  if (names.length === 0) return 'It takes no options.';
  return table(
    ['option', 'values', 'default', 'what it does'],
    names.map((name) => {
      const p = properties[name] as Property;
      const byDefault = p.default === undefined ? '' : `\`${JSON.stringify(p.default)}\``;
      return [`\`${name}\``, values(p), byDefault, p.description ?? ''];
    }),
  );
}

function values(p: Property): string {
  if (p.enum !== undefined) return p.enum.map((v) => `\`${String(v)}\``).join(', ');
  const kind = p.type === 'integer' ? 'whole number' : [p.type ?? ''].flat().join(' or ');
  // JSON Schema of an unbounded whole number names the safe integers.
  const top = p.maximum === Number.MAX_SAFE_INTEGER ? undefined : p.maximum;
  if (p.exclusiveMinimum !== undefined) return `${kind} above ${p.exclusiveMinimum}`;
  if (p.minimum !== undefined && top !== undefined) return `${kind}, ${p.minimum} to ${top}`;
  return p.minimum === undefined || p.minimum === Number.MIN_SAFE_INTEGER
    ? kind
    : `${kind} from ${p.minimum}`;
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
