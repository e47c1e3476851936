import { phasesOf } from '../../src/autodiff/composed.ts';
import { convGeometry } from '../../src/autodiff/conv/geometry.ts';
import { interleave as chosen } from '../../src/autodiff/conv/interleave.ts';
import { phaseConvs } from '../../src/autodiff/conv/phases.ts';
import { add, mul } from '../../src/autodiff/emit.ts';
import { enlarge } from '../../src/autodiff/pool/enlarge.ts';
import { convolve, type Formulation, type Site, type Subject } from './subject.ts';

type Parts = readonly (readonly string[])[];

/** The phases of a strided Conv, put together in one way. */
function joined(name: string, join: (b: Site['b'], parts: Parts) => string): Formulation {
  const write = ({ b, node, dy }: Site): string => {
    const whole = phaseConvs(b, dy, node.inputs[1] as string, convGeometry(b, node));
    return join(b, phasesOf(b, whole)?.parts as Parts);
  };
  return { name, write };
}

function sizes(b: Site['b'], part: string): [number, number, number] {
  return b.shape(part)?.slice(1) as [number, number, number];
}

const formulations: Formulation[] = [
  joined('channels last, whole pixels', chosen),
  joined('Concat of elements', (b, parts) => {
    const [channels, height, width] = sizes(b, parts[0]?.[0] as string);
    const expanded = b.ints([0, channels, height, 1, width, 1]);
    const rows = parts.map((row) =>
      b.op(
        'Concat',
        row.map((p) => b.op('Reshape', [p, expanded])),
        { axis: 5 },
      ),
    );
    return b.op('Reshape', [b.op('Concat', rows, { axis: 3 }), b.ints([0, channels, 2 * height, 2 * width])]);
  }),
  joined('DepthToSpace', (b, parts) =>
    b.op('DepthToSpace', [b.op('Concat', parts.flat(), { axis: 1 })], { blocksize: 2, mode: 'DCR' }),
  ),
  joined('Resize and static masks', (b, parts) => {
    const [, height, width] = sizes(b, parts[0]?.[0] as string);
    const shape = [1, 1, 2 * height, 2 * width];
    const spread = parts.flatMap((row, r) =>
      row.map((part, s) => {
        const data = Float32Array.from({ length: 4 * height * width }, (_, i) => {
          const [y, x] = [Math.floor(i / (2 * width)), i % (2 * width)];
          return y % 2 === r && x % 2 === s ? 1 : 0;
        });
        return mul(b, enlarge(b, part, [2, 2]), b.constant({ dtype: 'float32', shape, data }, 'grid'));
      }),
    );
    return spread.reduce((p, q) => add(b, p, q));
  }),
];

const of = (batch: number, cin: number, size: number): Subject => ({
  operator: 'interleave of phases (Conv 3x3 / 2)',
  shape: `[${batch},${cin},${size},${size}]`,
  inputs: [[batch, cin, size, size]],
  operate: (b, [x]) => convolve(b, x as string, 16, 3, { stride: 2 }),
  formulations,
});

export const interleaves: Subject[] = [of(4, 64, 56), of(16, 16, 32)];
