import { float } from '../../../src/onnx/index.ts';
import type { Case } from '../case.ts';
import { apart, c, ints, positive, r, split } from '../values.ts';

const sizes = [2, 3, 2];
const image = (rank: number): number[] => [2, 4, ...sizes.slice(0, rank)];
const channels = (count = 4) => [positive([count]), r([count])] as const;
const statistics = () => [r([4]), positive([4])] as const;
const epsilon = float(0.05);

const losses = ['mean', 'sum', 'none'].flatMap((reduction): Case[] => [
  c(
    'SoftmaxCrossEntropyLoss',
    [r([4, 3]), ints([2, 0, 1, 2]), positive([3])],
    { reduction },
    { aside: reduction === 'mean' ? ['reduction'] : [] },
  ),
  c(
    'SoftmaxCrossEntropyLoss',
    [r([2, 3, 2]), ints([2, 0, 1, 2], [2, 2])],
    { reduction, ignore_index: 2 },
    { opset: 12, outputs: 2, aside: reduction === 'mean' ? ['reduction'] : [] },
  ),
  c(
    'NegativeLogLikelihoodLoss',
    [r([4, 3]), ints([2, 0, 1, 2]), positive([3])],
    { reduction },
    { opset: 12, aside: reduction === 'mean' ? ['reduction'] : [] },
  ),
  c(
    'NegativeLogLikelihoodLoss',
    [r([2, 3, 2]), ints([2, 0, 1, 2], [2, 2])],
    { reduction, ignore_index: 2 },
    { aside: reduction === 'mean' ? ['reduction'] : [] },
  ),
]);

export const normalising: readonly Case[] = [
  ...[1, 2, 3].flatMap((rank) => [
    c('BatchNormalization', [r(image(rank)), ...channels(), ...statistics()], { epsilon }),
    c('InstanceNormalization', [r(image(rank)), ...channels()], { epsilon }),
    c(
      'GroupNormalization',
      [r(image(rank)), ...channels()],
      { epsilon, num_groups: 2 },
      { opset: 21, single: true },
    ),
    c('GroupNormalization', [r(image(rank)), ...channels(2)], { epsilon, num_groups: 2 }, { opset: 18 }),
  ]),
  c('BatchNormalization', [r([2, 4, 3, 2]), ...channels(), ...statistics()], { epsilon }, { opset: 8 }),
  c('BatchNormalization', [r([2, 4, 3, 2]), ...channels(), ...statistics()], { epsilon }, { opset: 9 }),
  c(
    'BatchNormalization',
    [r([3, 4, 2, 2]), ...channels(), ...statistics()],
    { epsilon, training_mode: 1, momentum: float(0.6) },
    { outputs: 3, fixed: [3, 4] },
  ),
  c('LayerNormalization', [r([2, 3, 4]), positive([3, 4]), r([3, 4])], { axis: 1, epsilon }, { outputs: 3 }),
  c('LayerNormalization', [r([2, 3, 4]), positive([3, 4])], { axis: -2, epsilon }),
  c('RMSNormalization', [r([2, 3, 4]), positive([3, 4])], { axis: 1, epsilon }, { opset: 23 }),
  c('RMSNormalization', [r([2, 3, 4]), positive([3, 4])], { axis: -2, epsilon }, { opset: 23 }),
  c('SimplifiedLayerNormalization', [r([2, 3, 4]), positive([3, 4])], { axis: 1, epsilon }),
  c('SimplifiedLayerNormalization', [r([2, 3, 4]), positive([3, 4])], { axis: -2, epsilon }),
  c('com.microsoft.SkipLayerNormalization', [r([2, 3, 4]), r([2, 3, 4]), positive([4]), r([4]), r([4])], {
    epsilon,
  }),
  c('com.microsoft.SkipLayerNormalization', [r([2, 3, 4]), r([2, 3, 4]), positive([4])], { epsilon }),
  c('com.microsoft.SkipSimplifiedLayerNormalization', [r([2, 3, 4]), r([2, 3, 4]), positive([4]), r([4])], {
    epsilon,
  }),
  c('com.microsoft.SkipSimplifiedLayerNormalization', [r([2, 3, 4]), r([2, 3, 4]), positive([4])], {
    epsilon,
  }),
  ...[0, -2].flatMap((axis) => [
    c('LpNormalization', [r([3, 4])], { axis }),
    c('LpNormalization', [split([3, 4], 0.3, 1)], { axis, p: 1 }),
    c('Softmax', [r([3, 4])], { axis }),
    c('LogSoftmax', [r([3, 4])], { axis }),
    c('Hardmax', [apart([3, 4])], { axis }),
  ]),
  // Before opset 13 all axes from this one on are one.
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op) => [
    c(op, [apart([2, 3, 2])], {}, { opset: 12 }),
    c(op, [apart([2, 3, 2])], { axis: 2 }, { opset: 12 }),
    c(op, [apart([2, 3, 2])], { axis: -1 }, { opset: 11 }),
  ]),
  c('MeanVarianceNormalization', [r([2, 3, 2, 2])], { axes: [1, 2] }),
  c('MeanVarianceNormalization', [r([2, 3, 2, 2])], { axes: [-1, 0] }),
  c('MeanVarianceNormalization', [r([2, 3, 2, 2])], { across_channels: 1 }, { opset: 8 }),
  c('MeanVarianceNormalization', [r([2, 3, 2, 2])], { normalize_variance: 0 }, { opset: 8 }),
  ...losses,
];
