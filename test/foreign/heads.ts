import { int64 } from '../../src/tensor/index.ts';
import { type Foreign, graphOf, type Line, weights } from './structure.ts';

/** Features to logits of so many classes. */
const body = (classes: number): { constants: Record<string, ReturnType<typeof weights>>; lines: Line[] } => ({
  constants: {
    'fc.w': weights([48, classes], `matrix ${classes}`, 4),
    'fc.b': weights([classes], `bias ${classes}`),
  },
  lines: [
    ['flat', 'Flatten', 'x', 'f', { axis: 1 }],
    ['act', 'Tanh', 'f', 'a'],
    ['fc', 'Gemm', 'a fc.w fc.b', 'z'],
  ],
});

type Infos = Parameters<typeof graphOf>[0]['outputs'];

function headed(
  name: string,
  lines: readonly Line[],
  outputs: Infos,
  more: {
    classes?: number;
    sidecar?: Foreign['sidecar'];
    constants?: Parameters<typeof graphOf>[0]['constants'];
    opset?: number;
    domains?: Readonly<Record<string, number>>;
  } = {},
): Foreign {
  const { classes = 4, sidecar, constants, ...rest } = more;
  const own = body(classes);
  return {
    name,
    ...(sidecar && { sidecar }),
    graph: graphOf({
      ...rest,
      inputs: { x: ['N', 3, 4, 4] },
      outputs,
      constants: { ...own.constants, ...constants },
      lines: [...own.lines, ...lines],
    }),
  };
}

export const heads: readonly Foreign[] = [
  headed('softmax', [['softmax', 'Softmax', 'z', 'y', { axis: 1 }]], { y: ['N', 4] }),
  headed(
    'softmax of the last axis, renamed',
    [
      ['softmax', 'Softmax', 'z', 'p', { axis: -1 }],
      ['same', 'Identity', 'p', 'y'],
    ],
    { y: ['N', 4] },
  ),
  headed(
    'softmax of opset 9, over all axes behind the first',
    [['softmax', 'Softmax', 'z', 'y', { axis: 1 }]],
    { y: ['N', 4] },
    { opset: 9 },
  ),
  headed('logarithms of a softmax', [['log', 'LogSoftmax', 'z', 'y', { axis: 1 }]], { y: ['N', 4] }),
  headed(
    'sigmoids of one class each',
    [['sigmoid', 'Sigmoid', 'z', 'y']],
    { y: ['N', 4] },
    { sidecar: { output: { kind: 'sigmoids' } } },
  ),
  headed(
    'one column',
    [['same', 'Identity', 'z', 'y']],
    { y: ['N', 1] },
    { classes: 1, sidecar: { output: { classes: 2 } } },
  ),
  headed(
    'one column behind a sigmoid',
    [['sigmoid', 'Sigmoid', 'z', 'y']],
    { y: ['N', 1] },
    { classes: 1, sidecar: { output: { classes: 2 } } },
  ),
  headed(
    'maps of one pixel',
    [['maps', 'Reshape', 'z s', 'y']],
    { y: ['N', 4, 1, 1] },
    { constants: { s: int64([0, 4, 1, 1]) } },
  ),
  headed(
    'an output of unknown shape',
    [['maps', 'Reshape', 'z s', 'y']],
    { y: ['N', 'K'] },
    { constants: { s: int64([-1, 4]) } },
  ),
  headed(
    'classes beside the logits',
    [
      ['label', 'ArgMax', 'z', 'label', { axis: 1, keepdims: 0 }],
      ['same', 'Identity', 'z', 'y'],
    ],
    { label: ['int64', 'N'], y: ['N', 4] },
  ),
  headed(
    'features beside the logits',
    [
      ['same', 'Identity', 'z', 'y'],
      ['features', 'Identity', 'a', 'features'],
    ],
    { features: ['N', 48], y: ['N', 4] },
    { sidecar: { output: { name: 'y' } } },
  ),
  headed(
    'an output cut out of more',
    [['cut', 'Slice', 'z from to axis', 'y']],
    { y: ['N', 4] },
    { classes: 6, constants: { from: int64([0]), to: int64([4]), axis: int64([1]) } },
  ),
];
