import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { logitsOf } from '../../test/small-models.ts';
import { GraphBuilder, onnxType, writeModel } from '../onnx/index.ts';
import type { DType } from '../tensor/index.ts';
import { fromBrain, int64, tensor, toBrain } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { type LoadOptions, loadModel } from './load.ts';
import { crossEntropy } from './objectives.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-brain-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Conv, Tanh, mean and Softmax over images [N, 1, 4, 4], computed in the type, with float32 or its own type outside. */
function write(dtype: 'bfloat16' | 'float32', ends: DType = 'float32'): string {
  const b = new GraphBuilder();
  const cast = (t: string, to: DType): string =>
    b.dtype(t) === to ? t : b.op('Cast', [t], { to: onnxType(to) });
  const bits = Uint16Array.from({ length: 18 }, (_, i) => toBrain(Math.sin(i)));
  const w =
    dtype === 'bfloat16'
      ? b.constant(tensor<'bfloat16'>(bits, [2, 1, 3, 3], dtype), 'w')
      : b.constant(tensor(Float32Array.from(bits, fromBrain), [2, 1, 3, 3]), 'w');
  const hidden = b.op('Tanh', [b.op('Conv', [cast(b.input('x', ends, ['N', 1, 4, 4]), dtype), w])]);
  const logits = b.op('ReduceMean', [hidden, b.ints([2, 3])], { keepdims: 0 });
  b.output(cast(b.op('Softmax', [logits]), ends), 'y');
  const file = path.join(folder, `${dtype}-${ends}.onnx`);
  writeFileSync(file, writeModel(b.finish()));
  const sidecar = {
    input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: 'GRAY' },
    preprocessing: { mean: [0], std: [1] },
    output: { name: 'y', kind: 'probabilities', classes: 2 },
  };
  writeFileSync(file.replace('.onnx', '.json'), JSON.stringify(sidecar));
  return file;
}

const images = tensor(
  Float32Array.from({ length: 16 }, (_, i) => i / 16),
  [1, 1, 4, 4],
);

async function answers(file: string, options: LoadOptions): Promise<{ scores: number[]; slope: number[] }> {
  const model = await loadModel(file, options);
  const scores = await logitsOf(model, images);
  const { gradient } = await model.gradient(asked(images), crossEntropy(), { labels: int64([1]) });
  await model.release();
  return { scores: [...scores.data], slope: [...gradient.data] };
}

test('a bfloat16 network is asked and differentiated in float32', async () => {
  const expected = await answers(write('float32'), { logits: true });
  expect(expected.slope.every((v) => v !== 0)).toBe(true);
  expect(await answers(write('bfloat16'), { logits: true })).toEqual(expected);
  // Inputs of its own type round the pixels to it, which leaves sixteenths as they are.
  expect(await answers(write('bfloat16', 'bfloat16'), { logits: true })).toEqual(expected);
});

test('its softmax is seen behind the cast that ends it', async () => {
  const model = await loadModel(write('bfloat16'));
  expect(model.flags.map((f) => f.code)).toEqual(['SOFTMAX_OUTPUT']);
  await model.release();
});
