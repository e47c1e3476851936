import { readText } from '../sources.ts';

// What test/operators/schemas.txt lists, and what cases must show of it.

export interface AttributeForm {
  readonly type: string;
  readonly required: boolean;
  /** The default first, then the other values there are; empty where the schema names none. */
  readonly values: readonly string[];
}

export interface InputForm {
  readonly name: string;
  readonly optional: boolean;
  readonly variadic: boolean;
}

/** What an operator looks like from one opset on. */
export interface Form {
  readonly since: number;
  readonly inputs: readonly InputForm[];
  readonly attributes: ReadonlyMap<string, AttributeForm>;
}

function parsed(line: string): [string, Form] {
  const [, operator = '', since, inputs = '', attributes = ''] =
    /^(\S+) (\d+):([^|]*)(?:\|(.*))?$/.exec(line) ?? [];
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  const form: Form = {
    since: Number(since),
    inputs: words(inputs).map((word) => ({
      name: word.replace(/[?*]$/, ''),
      optional: word.endsWith('?'),
      variadic: word.endsWith('*'),
    })),
    attributes: new Map(
      words(attributes).map((word) => {
        const [, name = '', type = '', required, values] = /^(\w+):(\w+)(!?)(?:=(.*))?$/.exec(word) ?? [];
        return [name, { type, required: required === '!', values: values?.split('/') ?? [] }];
      }),
    ),
  };
  return [operator, form];
}

/** The forms of each operator, `Op` or `domain.Op`, the oldest first. */
export const forms: ReadonlyMap<string, readonly Form[]> = (() => {
  const out = new Map<string, Form[]>();
  for (const line of readText('test/operators/schemas.txt').split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [operator, form] = parsed(line);
    out.set(operator, [...(out.get(operator) ?? []), form]);
  }
  return out;
})();

/** The form of an operator in a version of its operator set. */
export function formAt(operator: string, version: number): Form {
  const found = forms.get(operator)?.findLast((form) => form.since <= version);
  if (found === undefined)
    throw new Error(`test/operators/schemas.txt has no ${operator} of version ${version}`);
  return found;
}

/** Sizes along the spatial axes: none may be taken for that of another axis. */
const perAxis = new Set(['dilations', 'kernel_shape', 'output_padding', 'output_shape', 'pads', 'strides']);

/** Operators on images of one, two and three spatial axes, in the order of their channels. */
export const spatial: ReadonlySet<string> = new Set(
  (
    'AveragePool BatchNormalization Conv ConvInteger ConvTranspose GlobalAveragePool GlobalLpPool GlobalMaxPool ' +
    'GroupNormalization InstanceNormalization LpPool MaxPool MaxUnpool Pad QLinearConv Resize ' +
    'com.microsoft.FusedConv'
  ).split(' '),
);

/** Operators whose operands are stretched to one shape, each by the other. */
export const stretching: ReadonlySet<string> = new Set(
  (
    'Add And BitShift Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or Pow Sub Sum Xor ' +
    'Where com.microsoft.QLinearAdd com.microsoft.QLinearMul com.microsoft.QLinearWhere'
  ).split(' '),
);

/** All that cases must show of an operator. */
export function demands(operator: string): string[] {
  const all = forms.get(operator) ?? [];
  const out = new Set<string>();
  for (const form of all) {
    out.add(`since ${form.since}`);
    for (const [name, { type, values }] of form.attributes) {
      out.add(name);
      if (type === 'string') for (const value of values.slice(1)) out.add(`${name} ${value}`);
      if (perAxis.has(name)) out.add(`${name}, another for each axis`);
      if (name === 'pads') out.add('pads, another for each end');
      if (name === 'axis') for (const sign of ['negative', 'positive']) out.add(`axis, ${sign}`);
      if (name === 'axes') out.add('axes, negative');
    }
    for (const input of form.inputs)
      if (input.optional) for (const word of ['with', 'without']) out.add(`${word} ${input.name}`);
  }
  if (spatial.has(operator)) for (const rank of [1, 2, 3]) out.add(`${rank} spatial axes`);
  if (stretching.has(operator)) out.add('operands stretched by each other');
  return [...out];
}
