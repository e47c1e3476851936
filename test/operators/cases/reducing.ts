import type { Case } from '../case.ts';
import { apart, c, f, index, ints, positive, r } from '../values.ts';

const all = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare'.split(' ');

const reductions = all.flatMap((name) => {
  const op = `Reduce${name}`;
  const x = name === 'Max' || name === 'Min' ? apart([2, 4, 3]) : positive([2, 4, 3]);
  const last = name === 'Sum' ? 12 : 17;
  return [
    c(op, [x], { axes: [1], keepdims: 0 }, { opset: 10 }),
    c(op, [x], { axes: [-1, 0] }, { opset: last }),
    c(op, [x], {}, { opset: last }),
    c(op, [x, ints([1])], { keepdims: 0 }, { opset: name === 'Sum' ? 13 : 18 }),
    c(op, [x, ints([-1, 0])]),
    c(op, [x], { keepdims: 0 }),
    c(op, [x], { noop_with_empty_axes: 1 }),
  ];
});

const extremes = ['ArgMax', 'ArgMin'].flatMap((op) => [
  c(op, [f([1, 3, 1, 3, 2, 2], [2, 3])], { axis: 1, keepdims: 0 }, { opset: 11 }),
  c(op, [f([1, 3, 1, 3, 1, 3], [2, 3])], { axis: -1, select_last_index: 1 }),
  c(op, [f([1, 3, 1, 3, 1, 3], [2, 3])]),
]);

export const reducing: readonly Case[] = [
  ...reductions,
  ...extremes,
  c('TopK', [apart([4, 3])], { axis: 0, k: 2 }, { opset: 9, outputs: 2 }),
  c('TopK', [apart([4, 3]), ints([2])], { axis: 0 }, { opset: 10, outputs: 2 }),
  c('TopK', [apart([4, 3]), ints([2])], { axis: 0, largest: 0 }, { outputs: 2 }),
  c('TopK', [apart([4, 3, 2]), ints([2])], { axis: -2, largest: 0 }, { outputs: 2 }),
  c('TopK', [apart([9]), ints([9])], {}, { outputs: 2 }),
  c('Range', [f([0.5], []), f([4.1], []), f([0.8], [])], {}, { opset: 11, loose: 'shape' }),
  c('DFT', [r([2, 6, 4, 2])], { axis: 2, inverse: 1 }, { opset: 17 }),
  c('DFT', [r([2, 4, 8, 1]), index(6)], { axis: 2, onesided: 1 }, { opset: 17 }),
  c('DFT', [r([2, 4, 8, 1])], { axis: -2 }, { opset: 17 }),
  c('DFT', [r([2, 4, 8, 2]), index(6), index(1)], { inverse: 1 }, { opset: 20 }),
  c('DFT', [r([2, 4, 8, 1])], { onesided: 1 }, { opset: 20 }),
];
