import { float } from 'advarena/onnx';
import { mask, mul, scale, select } from '../../src/autodiff/emit.ts';
import { depthwise, insideTent, positive } from '../../src/autodiff/step.ts';
import type { Formulation, Site, Subject } from './subject.ts';

const maps = [
  [4, 64, 80, 80],
  [4, 32, 112, 112],
] as const;

const isAbove = ({ b, y }: Site): string => b.op('Greater', [y, b.scalar(0)]);

const relu: Formulation[] = [
  { name: 'HardSigmoid as a step', write: ({ b, y, dy }) => mul(b, dy, positive(b, y)) },
  { name: 'Greater and Cast', write: (s) => mul(s.b, s.dy, mask(s.b, isAbove(s), s.y)) },
  { name: 'Where', write: (s) => select(s.b, isAbove(s), s.dy) },
  { name: 'Sign', write: ({ b, y, dy }) => mul(b, dy, b.op('Sign', [y])) },
];

const isInside = (s: Site): string => s.b.op('And', [isAbove(s), s.b.op('Less', [s.y, s.b.scalar(6)])]);

const relu6: Formulation[] = [
  { name: 'tent by depthwise Conv, HardSigmoid', write: ({ b, y, dy }) => mul(b, dy, insideTent(b, y, 6)) },
  {
    name: 'product of two HardSigmoids',
    // Between 6 and the float32 below it this slope climbs by 2.
    write: ({ b, y, dy }) => {
      const below = b.op('HardSigmoid', [y], { alpha: float(-(2 ** 22)), beta: float(6 * 2 ** 22) });
      return mul(b, mul(b, dy, positive(b, y)), below);
    },
  },
  { name: 'And and Cast', write: (s) => mul(s.b, s.dy, mask(s.b, isInside(s), s.y)) },
  { name: 'Where', write: (s) => select(s.b, isInside(s), s.dy) },
];

const alpha = 0.1;
const leakyRelu: Formulation[] = [
  {
    name: 'HardSigmoid, depthwise Conv',
    write: ({ b, y, dy }) => mul(b, dy, depthwise(b, positive(b, y), 1 - alpha, alpha)),
  },
  {
    name: 'HardSigmoid, Mul, Add',
    write: ({ b, y, dy }) => mul(b, dy, b.op('Add', [scale(b, positive(b, y), 1 - alpha), b.scalar(alpha)])),
  },
  { name: 'Where', write: (s) => s.b.op('Where', [isAbove(s), s.dy, scale(s.b, s.dy, alpha)]) },
];

const of = (operator: string, formulations: readonly Formulation[], operate: Subject['operate']): Subject[] =>
  maps.map((map) => ({ operator, shape: `[${map.join()}]`, inputs: [map], operate, formulations }));

export const activations: Subject[] = [
  ...of('Relu', relu, (b, [x]) => b.op('Relu', [x])),
  ...of('Relu6', relu6, (b, [x]) => b.op('Clip', [x, b.scalar(0), b.scalar(6)])),
  ...of('LeakyRelu', leakyRelu, (b, [x]) => b.op('LeakyRelu', [x], { alpha: float(alpha) })),
];
