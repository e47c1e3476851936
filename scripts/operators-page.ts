import { type Rule, rules } from '../src/autodiff/index.ts';
import { newestOpset, oldestOpset, operators } from '../src/onnx/index.ts';
import { upgradeSteps } from '../src/onnx/upgrades/list.ts';

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/** Old operators that no graph has any more once it is upgraded, with what took their place, and when. */
const replaced = new Map(
  upgradeSteps.flatMap(({ ops, replacedBy: by, since: at }) =>
    by === undefined ? [] : ops.map((op) => [op, { by, at }] as const),
  ),
);

/** Operators that the runtime's CPU runs on real numbers and that have no rule, by domain; those that got one drop out. */
const withoutRule: readonly (readonly [domain: string, operators: string, why: string])[] = [
  ['', 'GRU LSTM RNN', 'recurrent layers come later'],
  ['', 'If', 'where the data decide the condition; with a known one the branch is written out'],
  ['', 'SequenceMap Optional OptionalGetElement', 'values that are no tensors'],
  ['', 'MaxRoiPool STFT TensorScatter Unique', 'not written yet'],
  [
    'com.microsoft',
    'CDist ConvTransposeWithDynamicPads CropAndResize ExpandDims GroupQueryAttention Inverse MatMulBnb4 MaxpoolWithMask MoE Pad QAttention QLinearReduceMean QMoE SparseAttention UnfoldTensor',
    'not written yet',
  ],
  [
    'com.microsoft',
    'NhwcMaxPool QLinearConv',
    'written by the optimiser, for images whose channels are last',
  ],
  ['com.microsoft.nchwc', 'every operator', 'written by the optimiser, for one kind of processor'],
  [
    'ai.onnx.ml',
    'ArrayFeatureExtractor FeatureVectorizer Imputer SVMClassifier SVMRegressor',
    'not written yet',
  ],
  ['ai.onnx.ml', 'ZipMap', 'it makes maps, which are no tensors: ask for the tensor before it'],
];

function missing(): string[][] {
  return withoutRule.flatMap(([domain, names, why]) => {
    const left = (domain.endsWith('nchwc') ? [names] : names.split(' ')).filter(
      (name) => !rules.has(domain === '' ? name : `${domain}.${name}`),
    );
    return left.length === 0 ? [] : [[left.join(', '), domain === '' ? 'standard' : domain, why]];
  });
}

/** The blocks of docs/op-support.md, from the rules and the signatures. */
export function operatorsPage(table: Table): string[] {
  const names = [...new Set([...operators.keys(), ...replaced.keys(), ...rules.keys()])].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
  const found = names.map((name) => ({ name, rule: rules.get(name) }));
  const zero = found.filter(({ rule }) => rule?.zero !== undefined);
  const several = found.filter(({ rule }) => rule?.formulations !== undefined);
  const own = found.filter(({ rule }) => rule !== undefined && rule.zero === undefined);
  return [
    `Of ${names.length} operators, ${own.length} have a gradient and ${zero.length} have the gradient zero by decision, with the reason. An operator without a gradient throws \`NO_GRADIENT\` where it stands on the way, naming the node; \`advarena inspect\` names all of them. So does an input of a float type that its line does not name. [How gradients are made](how-autodiff-works.md) tells how to pass a rule of one's own.`,
    `Graphs of opsets ${oldestOpset} to ${newestOpset} are read, and those below 18 upgraded to it before they are differentiated. Beside the opsets of each operator stands where its form changed since: the older forms are read too. Functions, \`If\` with a known condition and \`Constant\` are written out and have no line here. Types float16 and bfloat16 are computed in float32.`,
    table(
      ['operator', 'domain', 'opsets', 'gradient of', 'remarks'],
      found.map(({ name, rule }) => [
        nameOf(name, rule),
        domainOf(name, rule) === '' ? 'standard' : domainOf(name, rule),
        opsetsOf(name, rule),
        inputsOf(name, rule),
        remarksOf(name, rule),
      ]),
    ),
    '## Without a gradient',
    'What the runtime runs on real numbers and no rule knows yet: an attack needs a rule of your own on the way, or asks for scores or decisions.',
    table(['operators', 'domain', 'why'], missing()),
    '## Several formulations',
    'The same gradient, written in the way that measured fastest for the case at hand ([performance](performance.md)).',
    table(
      ['operator', 'formulation', 'where'],
      several.flatMap(({ name, rule }) =>
        (rule?.formulations ?? []).map((text, i) => {
          const [way = '', ...where] = text.split(': ');
          return [i === 0 ? name : '', way, where.join(': ')];
        }),
      ),
    ),
  ];
}

function domainOf(name: string, rule: Rule | undefined): string {
  return rule?.domain ?? operators.get(name)?.domain ?? '';
}

function nameOf(name: string, rule: Rule | undefined): string {
  return rule?.op ?? operators.get(name)?.op ?? name;
}

function opsetsOf(name: string, rule: Rule | undefined): string {
  const domain = domainOf(name, rule);
  if (domain !== '') return domain === 'ai.onnx.ml' ? '1–5' : '1';
  const from = Math.max(oldestOpset, rule?.since ?? (name === 'Scatter' ? 9 : 0));
  const to = replaced.get(name)?.at;
  const changes = upgradeSteps.filter((s) => s.ops.includes(name) && s.since > from && to === undefined);
  const forms = [...new Set(changes.map((s) => s.since))];
  const range = `${from}–${to === undefined ? newestOpset : to - 1}`;
  return forms.length === 0 ? range : `${range} (changed ${forms.join(', ')})`;
}

function inputsOf(name: string, rule: Rule | undefined): string {
  const place = replaced.get(name);
  if (place !== undefined) return `as ${place.by}`;
  if (rule === undefined) return 'it has no inputs';
  if (rule.zero !== undefined) return 'zero';
  if (rule.rewrite !== undefined) return 'as the operators it stands for';
  const inputs = rule.inputs?.filter((i) => i !== '');
  return inputs === undefined ? 'the first input' : inputs.join(', ');
}

function remarksOf(name: string, rule: Rule | undefined): string {
  const place = replaced.get(name);
  if (place !== undefined) return `upgraded to ${place.by}`;
  const needs = rule?.needs === undefined ? undefined : `needs ${rule.needs}`;
  return [rule?.zero, rule?.remarks, needs].filter((text) => text !== undefined).join('; ');
}
