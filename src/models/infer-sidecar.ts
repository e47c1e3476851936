import type { Graph } from '../onnx/index.ts';
import { AdvarenaError, type InputSize, nearest } from '../tensor/index.ts';
import { inferOutput } from './class-output.ts';
import { fixedRows, inferInput } from './image-input.ts';
import type { Need, Refuse, Sidecar, SidecarEntries } from './sidecar.ts';
import { lengthIssues, namesIssues } from './sidecar-issues.ts';

/** An entry that neither graph nor sidecar tell. */
export interface MissingEntry {
  entry: string;
  /** What it is, as a part of a sentence. */
  what: string;
  /** What may stand there, where the graph tells. */
  example?: string;
}

/** Entries of input and output as far as they are known. */
export interface KnownEntries {
  input: Partial<Sidecar['input']>;
  output: Partial<Sidecar['output']>;
  missing: readonly MissingEntry[];
  /** The entry without which no classes can be read from the output, and why: SIDECAR_NEEDED. */
  refused?: { entry: string; error: AdvarenaError };
}

/** What is known beside a graph. */
export interface BesideGraph {
  /** What its sidecar says, ... */
  given?: SidecarEntries;
  /** ... which is this file. */
  sidecar?: string | undefined;
  /** Size of the images at hand, which graphs of free size take. */
  size?: Partial<InputSize>;
  /** Names of inputs that get values of their own. */
  values?: ReadonlySet<string>;
}

/** What may stand in an entry of any graph. */
const examples: Readonly<Record<string, string | number>> = {
  'input.layout': 'NCHW',
  'input.channels': 'RGB',
  'input.height': 224,
  'input.width': 224,
  'output.classes': 1000,
};

/**
 * The entries of input and output that are given, that the graph tells or that the images at hand tell.
 * @param model what messages call it: the path of the ONNX file
 * @throws AdvarenaError MODEL_INPUT, MODEL_OUTPUT where what is given does not fit the graph
 */
export function knownEntries(
  graph: Graph,
  model: string,
  { given = {}, sidecar, size, values = new Set() }: BesideGraph = {},
): KnownEntries {
  const where = sidecar ?? model;
  const missing: MissingEntry[] = [];
  const need: Need = (entry, what, example) =>
    missing.push({ entry, what, ...(example !== undefined && { example }) });
  const own = {
    input: defined<Sidecar['input']>(given.input),
    output: defined<Sidecar['output']>(given.output),
  };
  for (const end of ['input', 'output'] as const) refuseUnknown(graph, end, own[end].name, where);
  const all = new Set([...values, ...Object.keys(given.inputs ?? {})]);
  const input = inferInput(graph, own.input, { values: all, ...(size && { size }), need });
  const rows = missing.length === 0 ? fixedRows(graph, input as Sidecar['input']) : undefined;
  let refused: KnownEntries['refused'];
  const refuse: Refuse = (entry, message, remedy) => {
    refused = { entry, error: new AdvarenaError('SIDECAR_NEEDED', message, { where, remedy }) };
  };
  const output = inferOutput(graph, own.output, { rows, where, need, refuse });
  return { input, output, missing, ...(refused && { refused }) };
}

/**
 * The whole sidecar from what is given and what the graph tells. Of preprocessing it tells nothing: what is not given
 * is mean 0 and std 1, which leave pixels as they are.
 * @param model what messages call it: the path of the ONNX file
 * @throws AdvarenaError SIDECAR_NEEDED with each entry that must be given; SIDECAR, MODEL_INPUT, MODEL_OUTPUT where
 *   what is given does not fit the graph
 */
export function inferSidecar(graph: Graph, model: string, beside: BesideGraph = {}): Sidecar {
  const { given = {}, sidecar } = beside;
  const known = knownEntries(graph, model, beside);
  if (known.refused !== undefined) throw known.refused.error;
  if (known.missing.length > 0) throw needed(known, { model, sidecar });
  const input = known.input as Sidecar['input'];
  const plain = Array.from({ length: input.channels === 'GRAY' ? 1 : 3 }, () => 0);
  const { mean = plain, std = plain.map(() => 1) } = given.preprocessing ?? {};
  const output = known.output as Sidecar['output'];
  const issues = [
    ...lengthIssues({ mean, std }, plain.length),
    ...namesIssues(given.labels?.names, output.classes),
  ];
  const [issue] = issues;
  if (issue !== undefined)
    throw new AdvarenaError('SIDECAR', issues.map((i) => i.message).join(' '), {
      where: sidecar ?? model,
      ...(issue.remedy !== undefined && { remedy: issue.remedy }),
    });
  const { name, inputs, outputs, labels } = given;
  return {
    ...(name !== undefined && { name }),
    input,
    preprocessing: { mean, std },
    output,
    ...(inputs && { inputs }),
    ...(outputs && { outputs }),
    ...(labels && { labels }),
  };
}

function needed(
  { missing, ...known }: KnownEntries,
  { model, sidecar }: { model: string; sidecar: string | undefined },
): AdvarenaError {
  const wanted: Record<string, Record<string, unknown>> = {};
  for (const { entry, example } of missing)
    for (const name of entriesFor(entry, known.input)) {
      const [part = '', key = ''] = name.split('.');
      wanted[part] = { ...wanted[part], [key]: example ?? examples[name] ?? '...' };
    }
  const told = listed(missing.map(({ what }) => what));
  const text = JSON.stringify(wanted, undefined, 1).replaceAll(/\n */g, ' ');
  const place = sidecar === undefined ? `Write ${sidecarOf(model)} beside it` : `Add to ${sidecar}`;
  return new AdvarenaError(
    'SIDECAR_NEEDED',
    `${told.charAt(0).toUpperCase()}${told.slice(1)} cannot be known from the graph alone.`,
    {
      where: model,
      remedy: `${place}, with the model's own in the place of these examples: ${text}. advarena sidecar writes what is known (docs/formats.md).`,
    },
  );
}

/** The entries that a missing one stands for: a size is two. */
export function entriesFor(entry: string, input: KnownEntries['input']): string[] {
  if (entry !== 'input.height') return [entry];
  return (['height', 'width'] as const)
    .filter((side) => input[side] === undefined)
    .map((side) => `input.${side}`);
}

/** The path of the sidecar beside a model. */
export function sidecarOf(model: string): string {
  return `${model.replace(/\.onnx$/i, '')}.json`;
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function refuseUnknown(graph: Graph, end: 'input' | 'output', name: string | undefined, where: string): void {
  const names = graph[`${end}s`].map((v) => v.name);
  if (name === undefined || names.includes(name)) return;
  const near = nearest(name, names);
  throw new AdvarenaError(
    end === 'input' ? 'MODEL_INPUT' : 'MODEL_OUTPUT',
    `The graph has no ${end} "${name}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    { where, remedy: `Its ${end}s are ${names.join(', ')}: correct ${end}.name in the sidecar.` },
  );
}

/** The entries of a schema that are there. */
function defined<T extends object>(entries: object | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(entries ?? {}).filter(([, v]) => v !== undefined)) as Partial<T>;
}
