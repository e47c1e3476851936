import { expect, test } from 'vitest';
import { sidecarOf } from '../../test/small-models.ts';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { graphFlags } from './graph-flags.ts';

/** Scores, and a Crop that cannot be upgraded: its border has two numbers of four. */
function withCrop(of: 'scores' | 'another output'): Graph {
  const b = new GraphBuilder(undefined, { opset: 9 });
  const x = b.input('x', 'float32', ['N', 3, 4, 4]);
  const cropped = b.op('Crop', [x], { border: [1, 1], scale: [2, 2] });
  b.declare(cropped, { dtype: 'float32', shape: ['N', 3, 2, 2] });
  const maps = of === 'scores' ? cropped : x;
  b.output(b.op('Tanh', [b.op('Flatten', [maps], { axis: 1 })]), 'y');
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
  expect(graphFlags(withCrop('another output'), sidecar, 'm').map((f) => f.code)).toEqual(['SATURATION']);
});
