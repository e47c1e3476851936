import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { attacks, views } from '../src/attacks/index.ts';
import { rules } from '../src/autodiff/index.ts';
import { defenses } from '../src/defenses/index.ts';
import { operators } from '../src/onnx/index.ts';

/** A page of the documentation that is made from the definitions. */
export interface Page {
  file: string;
  render: () => string;
}

interface Property {
  type?: string;
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
  { file: 'docs/operators.md', render: operatorsPage },
];

function attacksPage(): string {
  return join(
    '# Attacks',
    note,
    'Each attack by the name that the command line, the competition file and the library know it by. `access` is what it asks of the model: nothing, decisions, scores or gradients. In the command line `stepSize` is `--step-size`.',
    table(
      ['attack', 'what it is', 'access', 'norms', 'goals'],
      attacks.map((a) => [
        `[${a.name}](#${a.name})`,
        a.title,
        a.access,
        a.norms.join(', '),
        a.goals.join(', '),
      ]),
    ),
    ...attacks.flatMap((a) => [`## ${a.name}`, `${a.title}. Source: ${a.source}.`, options(a.options)]),
    '# Views',
    'Other ways to look at a model: an attack sees the view in the place of the model. In the command line `--through NAME`, in the competition file and the library `through`.',
    ...views.flatMap((v) => [`## ${v.name}`, `${v.title}. Source: ${v.source}.`, options(v.options)]),
  );
}

function defensesPage(): string {
  return join(
    '# Defenses',
    note,
    'Each defense by the name that the command line (`--defense NAME:option=value`), the competition file (`chain`) and the library know it by. They can be chained.',
    table(
      ['defense', 'what it is'],
      defenses.map((d) => [`[${d.name}](#${d.name})`, d.title]),
    ),
    ...defenses.flatMap((d) => [`## ${d.name}`, `${d.title}. Source: ${d.source}.`, options(d.options)]),
  );
}

/** Old operators that no graph has any more once it is upgraded. */
const replaced = new Map([['Scatter', 'ScatterElements']]);

function operatorsPage(): string {
  const names = [...new Set([...operators.keys(), ...rules.keys()])].toSorted((a, b) => (a < b ? -1 : 1));
  const found = names.map((name) => [name, gradientOf(name)] as const);
  const count = (start: string): number => found.filter(([, text]) => text.startsWith(start)).length;
  return join(
    '# Operators',
    note,
    `Of ${names.length} operators, ${count('yes')} have a gradient and ${count('zero')} have the gradient zero by decision, with the reason. An operator without a gradient throws \`NO_GRADIENT\` where it stands on the way, naming the node. Graphs of opsets 7 to 17 are upgraded to 18 before they are differentiated; functions, and \`If\` with a known condition, are written out, and some operators are rewritten in simpler ones: loops that constants decide are unrolled, quantised operators computed between \`DequantizeLinear\` and \`QuantizeLinear\`. Names with a dot are operators of another domain.`,
    table(['operator', 'gradient'], found),
  );
}

function gradientOf(name: string): string {
  const rule = rules.get(name);
  if (rule?.zero !== undefined) return `zero: ${rule.zero}`;
  if (rule?.rewrite !== undefined) return 'yes, rewritten in simpler operators';
  if (rule !== undefined) return 'yes';
  if (operators.get(name)?.inputs[1] === 0) return 'never asked: it has no inputs';
  const newer = replaced.get(name);
  return newer === undefined ? 'none' : `that of ${newer}, to which it is upgraded`;
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
  const kind = p.type === 'integer' ? 'whole number' : (p.type ?? '');
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
