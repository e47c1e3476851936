import { describe, expect, test } from 'vitest';
import { sidecarOf } from '../../test/small-models.ts';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { zeros } from '../tensor/index.ts';
import { graphFlags } from './graph-flags.ts';

/** Scores, and a Crop that cannot be upgraded: its border has two numbers of four. */
function withCrop(of: 'scores' | 'another output'): Graph {
  const b = new GraphBuilder(undefined, { opset: 9 });
  const x = b.input('x', 'float32', ['N', 3, 4, 4]);
  const cropped = b.op('Crop', [x], { border: [1, 1], scale: [2, 2] });
  b.declare(cropped, { dtype: 'float32', shape: ['N', 3, 2, 2] });
  const maps = of === 'scores' ? cropped : x;
  b.output(b.op('Round', [b.op('Flatten', [maps], { axis: 1 })]), 'y');
  if (of !== 'scores') b.output(cropped, 'cropped');
  return b.finish();
}

const sidecar = {
  input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: 'RGB' },
  preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
  output: { name: 'y', kind: 'logits', classes: 12 },
} as ReturnType<typeof sidecarOf>;

test('a graph that cannot be read in the newest form is refused, not taken for one without suspicions', () => {
  expect(() => graphFlags(withCrop('scores'), sidecar, 'm')).toThrow(
    expect.objectContaining({ code: 'ONNX_OPSET' }),
  );
});

test('what no score comes from is not looked at', () => {
  expect(graphFlags(withCrop('another output'), sidecar, 'm').map((f) => f.code)).toEqual(['ZERO_GRADIENT']);
});

describe('a graph that centres and scales its images itself', () => {
  const shapes: Record<string, (string | number)[]> = {
    NCHW: ['N', 3, 4, 4],
    NHWC: ['N', 4, 4, 3],
    'rows of pixels': ['N', 48],
    'grey planes': ['N', 4, 12],
    'a grey plane alone': [4, 12],
  };
  const graphOf = (shape: (string | number)[], centred: boolean): Graph => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', shape);
    const ready = centred ? b.op('Div', [b.op('Sub', [x, b.scalar(127.5)]), b.scalar(127.5)]) : x;
    const flat = b.op('Reshape', [ready, b.ints([-1, 48])]);
    b.output(b.op('MatMul', [flat, b.constant(zeros([48, 12]))]), 'y');
    return b.finish();
  };
  const told = (shape: (string | number)[], mean: number[], std: number[], centred = true): string[] =>
    graphFlags(graphOf(shape, centred), { ...sidecar, preprocessing: { mean, std } }, 'm').map((f) => f.code);

  test.for(Object.entries(shapes))('is told of %s where the sidecar does so too', ([, shape]) => {
    expect(told(shape, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])).toEqual(['PREPROCESSING']);
    expect(told(shape, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5], false)).toEqual([]);
  });

  test('is right to, behind a sidecar that only changes the unit', () => {
    const shape = ['N', 3, 4, 4];
    const level = 1 / 255;
    expect(told(shape, [0, 0, 0], [level, level, level])).toEqual([]);
    expect(told(shape, [0, 0, 0], [1, 1, 1])).toEqual([]);
    // Its own unit for each channel, and a second division by 255.
    expect(told(shape, [0, 0, 0], [0.2, 0.3, 0.4])).toEqual(['PREPROCESSING']);
    expect(told(shape, [0, 0, 0], [255, 255, 255])).toEqual(['PREPROCESSING']);
    expect(told(shape, [0, 0, level], [level, level, level])).toEqual(['PREPROCESSING']);
  });
});
