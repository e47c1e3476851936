import { fromSpread } from '../../src/autodiff/composed.ts';
import { scale } from '../../src/autodiff/emit.ts';
import { enlarge } from '../../src/autodiff/pool/enlarge.ts';
import { asChosen, convolve, type Formulation, type Site, type Subject } from './subject.ts';

function share({ b, x, dy }: Site): { sizes: number[]; each: string } {
  const sizes = b.shape(x)?.slice(2) as number[];
  return { sizes, each: scale(b, dy, 1 / ((sizes[0] as number) * (sizes[1] as number))) };
}

const resize: Formulation = {
  name: 'Resize',
  write: (s) => {
    const { sizes, each } = share(s);
    return enlarge(s.b, each, sizes);
  },
};
const expand: Formulation = {
  name: 'Expand',
  write: (s) => {
    const { sizes, each } = share(s);
    return s.b.op('Expand', [each, s.b.ints([1, 1, ...sizes])]);
  },
};
const product: Formulation = {
  name: 'Mul by ones',
  write: (s) => {
    const { sizes, each } = share(s);
    const ones = new Float32Array((sizes[0] as number) * (sizes[1] as number)).fill(1);
    return s.b.op('Mul', [each, s.b.constant({ dtype: 'float32', shape: [1, 1, ...sizes], data: ones })]);
  },
};

const of = (
  cin: number,
  size: number,
  cout: number,
  active: boolean,
  formulations: readonly Formulation[],
): Subject => ({
  operator: `mean behind Conv 1x1${active ? ' and Relu' : ''}`,
  shape: `[4,${cin},${size},${size}] to ${cout}`,
  inputs: [[4, cin, size, size]],
  operate: (b, [x]) => {
    const map = convolve(b, x as string, cout, 1);
    return b.op('GlobalAveragePool', [active ? b.op('Relu', [map]) : map]);
  },
  formulations,
});

const onePixel: Formulation = { name: 'Conv of one pixel, then enlarged', write: asChosen };
const spread: Formulation = {
  name: 'Expand',
  write: (s) => {
    const { sizes, each } = share(s);
    return fromSpread(s.b, each, sizes);
  },
};

export const means: Subject[] = [
  of(512, 14, 1000, false, [onePixel, resize, expand, product]),
  of(512, 13, 1000, true, [spread, resize, product]),
  of(512, 13, 1024, true, [resize, expand, product]),
];
