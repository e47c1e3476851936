import { float, type Windows, windowsOf } from 'advarena/onnx';
import { add, mul } from '../../src/autodiff/emit.ts';
import { compareByPlace, compareMaxima } from '../../src/autodiff/pool/compare.ts';
import { enlarge } from '../../src/autodiff/pool/enlarge.ts';
import { scatterMaxima } from '../../src/autodiff/pool/scatter.ts';
import { separateMaxima } from '../../src/autodiff/pool/separate.ts';
import { depthwise } from '../../src/autodiff/step.ts';
import type { Formulation, Site, Subject } from './subject.ts';

function windows({ b, node, x }: Site, kernel: number): Windows {
  return windowsOf(node, [kernel, kernel], b.shape(x)?.slice(2) as number[]) as Windows;
}

const scatter: Formulation = {
  name: 'indices, ScatterElements',
  write: ({ b, node, x, dy }) => scatterMaxima(b, node, x, dy),
};

const two: Formulation[] = [
  { name: 'compares at pooled size', write: (s) => compareMaxima(s.b, s.x, s.y, s.dy, windows(s, 2)) },
  scatter,
  {
    name: 'indices, MaxUnpool',
    write: ({ b, node, x, dy }) => {
      const indices = b.node('MaxPool', [x], node.attributes, { outputs: 2 })[1];
      const shape = b.ints(b.sizes(x) as number[]);
      return b.op('MaxUnpool', [dy, indices, shape], { kernel_shape: [2, 2], strides: [2, 2] });
    },
  },
  {
    name: 'compare at full size',
    note: 'every tie pays',
    write: ({ b, x, y, dy }) => {
      const difference = add(b, x, enlarge(b, depthwise(b, y, -1), [2, 2]));
      const held = b.op('HardSigmoid', [difference], { alpha: float(3e38), beta: float(1) });
      return mul(b, enlarge(b, dy, [2, 2]), held);
    },
  },
];

const three: Formulation[] = [
  { name: 'rows, then columns', write: (s) => separateMaxima(s.b, s.x, s.y, s.dy, windows(s, 3)) },
  {
    name: 'place by place',
    write: (s) => compareByPlace(s.b, s.x, s.y, s.dy, windows(s, 3)),
  },
  scatter,
];

const of = (map: readonly number[], kernel: number, formulations: readonly Formulation[]): Subject => ({
  operator: `MaxPool ${kernel}x${kernel} / 2`,
  shape: `[${map.join()}]`,
  inputs: [map],
  operate: (b, [x]) => b.op('MaxPool', [x], { kernel_shape: [kernel, kernel], strides: [2, 2] }),
  formulations,
});

export const maxPools: Subject[] = [
  of([16, 32, 28, 28], 2, two),
  of([4, 64, 112, 112], 2, two),
  of([4, 64, 113, 113], 3, three),
  of([4, 128, 56, 56], 3, three),
];
