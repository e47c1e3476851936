import type { AttributeInput } from '../../../src/onnx/index.ts';
import { floats } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { bytes, c, f, positive, r } from '../values.ts';

// Operators of `ai.onnx.ml`.

type Attributes = Record<string, AttributeInput>;

const transforms = ['LOGISTIC', 'SOFTMAX', 'SOFTMAX_ZERO'];
const linear = {
  coefficients: floats([1, 2, 3, -1, 0, 1, 0.5, -0.5, 2]),
  intercepts: floats([0.1, 0.2, 0.3]),
};
const given = (post_transform: string): Attributes => (post_transform === 'NONE' ? {} : { post_transform });

const tree: Attributes = {
  nodes_treeids: [0, 0, 0, 1, 1, 1],
  nodes_nodeids: [0, 1, 2, 0, 1, 2],
  nodes_featureids: [1, 0, 0, 0, 0, 0],
  nodes_values: floats([0, 0, 0, 0.1, 0, 0]),
  nodes_modes: ['BRANCH_LEQ', 'LEAF', 'LEAF', 'BRANCH_LEQ', 'LEAF', 'LEAF'],
  nodes_truenodeids: [1, 0, 0, 1, 0, 0],
  nodes_falsenodeids: [2, 0, 0, 2, 0, 0],
};
const leaves = (what: string): Attributes => ({
  [`${what}_treeids`]: [0, 0, 1, 1],
  [`${what}_nodeids`]: [1, 2, 1, 2],
  [`${what}_ids`]: [0, 1, 1, 0],
  [`${what}_weights`]: floats([0.3, 0.6, 0.2, 0.5]),
});

/** The tree, and labels that no random place tells apart. */
const aside = [...Object.keys(tree), 'classlabels_int64s, another for each axis'];

/** Away from the thresholds. */
const points = f([0.4, -0.6, -0.5, 0.7, -0.3, -0.4, 0.8, 0.9, -1.1, 0.5], [5, 2]);

export const tables: readonly Case[] = [
  ...['NONE', ...transforms].flatMap((transform): Case[] => [
    c(
      'ai.onnx.ml.LinearClassifier',
      [r([4, 3])],
      { ...linear, classlabels_ints: [3, 5, 7], ...given(transform) },
      { outputs: 2 },
    ),
    c('ai.onnx.ml.LinearRegressor', [r([4, 3])], { ...linear, targets: 3, ...given(transform) }),
  ]),
  c(
    'ai.onnx.ml.LinearClassifier',
    [r([4, 3])],
    { ...linear, classlabels_strings: ['a', 'b', 'c'] },
    { outputs: 2 },
  ),
  ...['L1', 'L2'].map((norm) => c('ai.onnx.ml.Normalizer', [positive([2, 4])], { norm })),
  c('ai.onnx.ml.Normalizer', [f([0.3, 1.2, 0.5, 0.9, 0.2, 0.1], [2, 3])]),
  c('ai.onnx.ml.Scaler', [r([2, 3])], { offset: floats([0.1, 0.2, 0.3]), scale: floats([1, 2, 3]) }),
  c(
    'ai.onnx.ml.TreeEnsembleClassifier',
    [points],
    { ...tree, ...leaves('class'), classlabels_int64s: [4, 9] },
    { outputs: 2, aside },
  ),
  c(
    'ai.onnx.ml.TreeEnsembleClassifier',
    [points],
    { ...tree, ...leaves('class'), classlabels_strings: ['a', 'b'] },
    { outputs: 2, learning: 1, aside },
  ),
  c('ai.onnx.ml.TreeEnsembleRegressor', [points], { ...tree, ...leaves('target'), n_targets: 2 }, { aside }),
  c(
    'ai.onnx.ml.TreeEnsembleRegressor',
    [points],
    { ...tree, ...leaves('target'), n_targets: 2 },
    { learning: 1, aside },
  ),
  c(
    'ai.onnx.ml.TreeEnsemble',
    [points],
    {
      n_targets: 2,
      tree_roots: [0],
      nodes_featureids: [1],
      nodes_splits: { type: 'tensor', value: f([0.1]) },
      nodes_modes: { type: 'tensor', value: bytes([0]) },
      nodes_truenodeids: [0],
      nodes_trueleafs: [1],
      nodes_falsenodeids: [1],
      nodes_falseleafs: [1],
      leaf_targetids: [0, 1],
      leaf_weights: { type: 'tensor', value: f([0.3, 0.6]) },
    },
    { learning: 5 },
  ),
];
