import { describe, expect, test } from 'vitest';
import { gradient, inspect } from '../src/autodiff/index.ts';
import type { AttributeInput, Graph } from '../src/onnx/index.ts';
import { floats, GraphBuilder } from '../src/onnx/index.ts';
import type { AnyTensor } from '../src/tensor/index.ts';
import { numbers } from '../src/tensor/index.ts';
import { agrees, filled } from './agrees.ts';
import { outputsOf } from './differences.ts';

// Operators of `ai.onnx.ml`, as scikit-learn and the like export their models.

const domain = { domain: 'ai.onnx.ml' };
const learning = 3;
const transforms = ['NONE', 'LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO'];
const three = {
  coefficients: floats([1, 2, 3, -1, 0, 1, 0.5, -0.5, 2]),
  intercepts: floats([0.1, 0.2, 0.3]),
};

describe('LinearClassifier', () => {
  const one = { coefficients: floats([1, -2, 3]), intercepts: floats([0.1]) };
  const cases: [string, Record<string, AttributeInput>][] = [
    ['three classes', { ...three, classlabels_ints: [3, 5, 7] }],
    ['labels that are strings', { ...three, classlabels_strings: ['a', 'b', 'c'] }],
    ['two classes, one row', { ...one, classlabels_ints: [0, 1] }],
  ];
  describe.for(cases)('%s', ([, attributes]) => {
    test.for(transforms)('%s', (transform) =>
      agrees({ shape: [4, 3], learning }, (b, x) => {
        const options = { ...domain, outputs: 2 };
        const given = { ...attributes, post_transform: transform };
        return b.node('LinearClassifier', [x], given, options)[1] as string;
      }),
    );
  });
  test.for(['LOGISTIC', 'SOFTMAX'])('%s twice', (transform) =>
    agrees({ shape: [4, 3], learning, second: true }, (b, x) => {
      const attributes = { ...three, classlabels_ints: [0, 1, 2], post_transform: transform };
      return b.node('LinearClassifier', [x], attributes, { ...domain, outputs: 2 })[1] as string;
    }),
  );
  test('inspect takes the scores, where the labels are the first output', () => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 3]);
    const outputs = ['label', 'scores'];
    for (const name of b.node(
      'LinearClassifier',
      [x],
      { ...three, classlabels_ints: [0, 1, 2] },
      { ...domain, outputs },
    ))
      b.output(name);
    const { path, differentiable } = inspect(b.finish());
    expect(path.of).toBe('scores');
    expect(differentiable).toBe(true);
  });
  test.for([undefined, 'maps'])('inspect takes the scores before maps by class, named %s', (named) => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 3]);
    const attributes = { ...three, classlabels_ints: [0, 1, 2] };
    const options = { ...domain, outputs: ['label', 'scores'] };
    const [label, scores] = b.node('LinearClassifier', [x], attributes, options);
    b.output(label as string);
    const zip = { classlabels_int64s: [0, 1, 2] };
    b.output(b.node('ZipMap', [scores], zip, { ...domain, outputs: ['maps'] })[0] as string);
    const { path, differentiable, outputs, cost } = inspect(
      b.finish(),
      named === undefined ? {} : { of: named },
    );
    expect([path.of, differentiable]).toEqual(['scores', true]);
    expect(outputs.map((o) => o.maps)).toEqual([undefined, 'scores']);
    expect(cost.unknown).toBeUndefined();
  });
  test('a transform without a formula is refused, and inspect knows', () => {
    const b = new GraphBuilder();
    const attributes = { ...three, classlabels_ints: [0, 1, 2], post_transform: 'PROBIT' };
    const x = b.input('x', 'float32', ['N', 3]);
    b.output(b.node('LinearClassifier', [x], attributes, { ...domain, outputs: 2 })[1] as string, 'y');
    expect(inspect(b.finish()).blocking.map((found) => found.why)).toEqual([
      'No gradient for LinearClassifier with the transform PROBIT.',
    ]);
  });
});

describe('LinearRegressor', () => {
  test.for(transforms)('%s', (transform) =>
    agrees({ shape: [4, 3], learning, second: transform === 'LOGISTIC' }, (b, x) => {
      const attributes = { ...three, targets: 3, post_transform: transform };
      return b.node('LinearRegressor', [x], attributes, domain)[0] as string;
    }),
  );
});

test.for(['L1', 'L2', 'MAX'])('Normalizer %s', (norm) =>
  agrees({ shape: [4, 3], learning, step: 2e-3 }, (b, x) => {
    const shifted = b.op('Add', [x, b.scalar(1.2)]);
    return b.node('Normalizer', [shifted], { norm }, domain)[0] as string;
  }),
);

test.for([
  [
    [0.1, 0.2, -1],
    [1, 3, 0.5],
  ],
  [[0.3], [2]],
])('Scaler %j', ([offset, scale]) =>
  agrees({ shape: [4, 3], learning }, (b, x) => {
    const attributes = { offset: floats(offset as number[]), scale: floats(scale as number[]) };
    return b.node('Scaler', [x], attributes, domain)[0] as string;
  }),
);

describe('tree ensembles', () => {
  const tree: Record<string, AttributeInput> = {
    nodes_treeids: [0, 0, 0],
    nodes_nodeids: [0, 1, 2],
    nodes_featureids: [1, 0, 0],
    nodes_values: floats([0, 0, 0]),
    nodes_modes: ['BRANCH_LEQ', 'LEAF', 'LEAF'],
    nodes_truenodeids: [1, 0, 0],
    nodes_falsenodeids: [2, 0, 0],
  };
  const leaves = (what: string): Record<string, AttributeInput> => ({
    [`${what}_treeids`]: [0, 0],
    [`${what}_nodeids`]: [1, 2],
    [`${what}_ids`]: [0, 1],
    [`${what}_weights`]: floats([1, 2]),
  });
  const made = (
    op: string,
    attributes: Record<string, AttributeInput>,
    output: number,
    smooth: boolean,
  ): Graph => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['N', 3]);
    const y = b.node(op, [x], { ...tree, ...attributes }, { ...domain, outputs: output + 1 })[
      output
    ] as string;
    b.output(smooth ? b.op('Add', [y, b.op('MatMul', [x, b.constant(filled([3, 2], 4))])]) : y, 'y');
    const graph = b.finish();
    return { ...graph, opsets: new Map(graph.opsets).set('ai.onnx.ml', learning) };
  };
  const classifier = { ...leaves('class'), classlabels_int64s: [0, 1] };
  const cases: [string, Record<string, AttributeInput>, number][] = [
    ['TreeEnsembleClassifier', classifier, 1],
    ['TreeEnsembleRegressor', { ...leaves('target'), n_targets: 2 }, 0],
  ];
  test.for(cases)(
    '%s has the gradient zero, and inspect says what to do',
    async ([op, attributes, output]) => {
      const graph = made(op, attributes, output, false);
      const { flags, differentiable, operators } = inspect(graph);
      expect(differentiable).toBe(true);
      expect(operators).toContainEqual(
        expect.objectContaining({ operator: `ai.onnx.ml.${op}`, gradient: 'zero' }),
      );
      expect(flags).toEqual([
        {
          code: 'ZERO_GRADIENT',
          message: `Every way from "x" to "y" passes ai.onnx.ml.${op} "${op}", which is piecewise constant: the gradient is zero everywhere and shows nothing about robustness. It is a sum of decision trees, for which backward passes through a surrogate (BPDA) do not apply: use attacks that ask for scores or decisions.`,
        },
      ]);
      const found = await outputsOf(gradient(graph, { of: 'y', wrt: ['x'] }), { x: filled([2, 3], 1) });
      expect(numbers(found['grad_x'] as AnyTensor)).toEqual([0, 0, 0, 0, 0, 0]);
    },
  );
  test('beside a smooth way the flag is that of a part', () => {
    const { flags } = inspect(made('TreeEnsembleClassifier', classifier, 1, true));
    expect(flags.map((flag) => flag.code)).toEqual(['ROUNDING']);
    expect(flags[0]?.message).toMatch(/leaves that part out\. It is a sum of decision trees/);
  });
});
