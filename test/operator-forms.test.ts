import { describe, expect, test } from 'vitest';
import { type Rule, rules } from '../src/autodiff/index.ts';
import type { Node } from '../src/onnx/index.ts';
import { float, operators } from '../src/onnx/index.ts';
import { type Case, shows, versionOf } from './operators/case.ts';
import { cases } from './operators/cases/index.ts';
import { exceptions } from './operators/exceptions.ts';
import { demands, formAt, forms } from './operators/forms.ts';
import { c, f, r } from './operators/values.ts';
import { judged } from './operators/verdict.ts';

// Every attribute, optional input and form of every operator has a case that fails when it is ignored.

const names = [...new Set([...rules.keys(), ...operators.keys()])].toSorted();

const casesOf = Map.groupBy(cases, (one) => one.operator);

/** Of a case, for messages. */
function told({ operator, attributes, opset = 18 }: Case): string {
  const values = Object.entries(attributes).map(([name, given]) => {
    const value = typeof given === 'object' && 'value' in given ? given.value : given;
    const plain = typeof value === 'number' || typeof value === 'string' || Array.isArray(value);
    return `${name}=${plain ? value.toString() : '...'}`;
  });
  return [`${operator} of opset ${opset}`, ...values].join(' ');
}

/** With what caused it: of the runtime's messages that is the part that tells. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} ${messageOf(error.cause)}`;
}

/** What cases show: by shapes and gradients, and by outputs. */
const shown = { firm: new Set<string>(), byOutput: new Set<string>() };

test.for([...casesOf.keys()].toSorted())(
  '%s as the runtime has it, and all that is given counts',
  async (name) => {
    for (const one of casesOf.get(name) as Case[]) {
      const found = await judged(one).catch((error: unknown) => ({
        wrong: [messageOf(error)],
        firm: [],
        byOutput: [],
      }));
      expect({ case: told(one), wrong: found.wrong }).toEqual({ case: told(one), wrong: [] });
      for (const what of found.firm) shown.firm.add(`${name}: ${what}`);
      for (const what of found.byOutput) shown.byOutput.add(`${name}: ${what}`);
    }
  },
);

test('all that the schemas list has a case, or a reason', () => {
  expect(names.filter((name) => !forms.has(name))).toEqual([]);
  expect([...forms.keys()].filter((name) => !names.includes(name))).toEqual([]);
  const missing = names.flatMap((name) => {
    const had = new Set((casesOf.get(name) ?? []).flatMap(shows));
    return demands(name)
      .filter((demand) => !had.has(demand))
      .map((demand) => `${name}: ${demand}`);
  });
  expect(missing.filter((what) => !exceptions.some(([pattern]) => pattern.test(what)))).toEqual([]);
  // A reason for nothing is one too many.
  expect(exceptions.filter(([pattern]) => !missing.some((what) => pattern.test(what)))).toEqual([]);
});

test('cases keep to the schemas', () => {
  const odd = cases.flatMap((one) => {
    const { attributes, inputs } = formAt(one.operator, versionOf(one));
    const most =
      inputs.some((i) => i.variadic) || one.parts !== undefined || one.before !== undefined
        ? Infinity
        : inputs.length;
    return [
      ...Object.keys(one.attributes).filter((name) => !attributes.has(name)),
      ...(one.inputs.length > most ? ['inputs'] : []),
    ].map((what) => `${told(one)}: ${what}`);
  });
  expect(odd).toEqual([]);
});

test('what outputs alone show is what is added, what only says which, and what has the gradient zero', () => {
  expect([...shown.byOutput.difference(shown.firm)].toSorted()).toMatchInlineSnapshot(`
    [
      "Affine: beta",
      "ArgMax: select_last_index",
      "ArgMin: select_last_index",
      "BatchNormalization: momentum",
      "EyeLike: k",
      "Hardmax: axis",
      "ImageScaler: bias, another for each axis",
      "IsInf: detect_negative",
      "IsInf: detect_positive",
      "MaxPool: storage_order",
      "Pad: value",
      "QLinearConv: with B",
      "Resize: extrapolation_value",
      "Shrink: bias",
      "ai.onnx.ml.LinearClassifier: classlabels_ints, another for each axis",
      "ai.onnx.ml.Scaler: offset, another for each axis",
      "ai.onnx.ml.TreeEnsemble: leaf_targetids, another for each axis",
      "ai.onnx.ml.TreeEnsembleClassifier: class_nodeids, another for each axis",
      "ai.onnx.ml.TreeEnsembleClassifier: class_treeids, another for each axis",
      "ai.onnx.ml.TreeEnsembleClassifier: class_weights, another for each axis",
      "ai.onnx.ml.TreeEnsembleRegressor: target_nodeids, another for each axis",
      "ai.onnx.ml.TreeEnsembleRegressor: target_treeids, another for each axis",
      "ai.onnx.ml.TreeEnsembleRegressor: target_weights, another for each axis",
      "com.microsoft.DynamicQuantizeMatMul: with b_zero_point",
      "com.microsoft.DynamicQuantizeMatMul: with bias",
      "com.microsoft.MatMulIntegerToFloat: with bias",
      "com.microsoft.QGemm: with C",
      "com.microsoft.QLinearConv: with B",
      "com.microsoft.QLinearSoftmax: axis",
      "com.microsoft.QLinearSoftmax: opset",
    ]
  `);
});

describe('what is found', () => {
  const pool = c('AveragePool', [r([1, 1, 4, 5])], {
    kernel_shape: [2, 3],
    pads: [1, 0, 0, 1],
    count_include_pad: 1,
  });
  /** The rule as if the node said something else. */
  const misled = (
    rule: Rule,
    change: (attributes: Node['attributes']) => Node['attributes'],
  ): Record<string, Rule> => ({
    [rule.op]: {
      ...rule,
      backward: (context) =>
        rule.backward({ ...context, node: { ...context.node, attributes: change(context.node.attributes) } }),
    },
  });
  const rule = rules.get('AveragePool') as Rule;

  test('a rule that ignores an attribute', async () => {
    const ignoring = misled(rule, ({ kernel_shape, pads }) => ({ kernel_shape, pads }) as Node['attributes']);
    expect((await judged(pool)).wrong).toEqual([]);
    expect((await judged(pool, ignoring)).wrong).toEqual([
      expect.stringContaining('the gradient says'),
      expect.stringContaining('the gradient says'),
    ]);
  });

  test('a rule that takes the begin of windows for their end', async () => {
    const exchanged = misled(rule, (rest) => ({ ...rest, pads: { type: 'ints', value: [0, 1, 1, 0] } }));
    expect((await judged(pool, exchanged)).wrong[0]).toContain('the gradient says');
  });

  test('a case of which something does not count', async () => {
    const above = c('Elu', [f([0.3, 0.8])], { alpha: float(1.7) });
    expect((await judged(above)).wrong).toEqual(['alpha: nothing changes where it is ignored']);
  });
});
