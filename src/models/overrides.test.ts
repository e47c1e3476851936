import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { defineRule } from '../autodiff/index.ts';
import { GraphBuilder, writeModel } from '../onnx/index.ts';
import { int64, tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { loadModel } from './load.ts';
import { crossEntropy } from './objectives.ts';
import { originOf } from './origin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-overrides-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A linear classifier of 2x2 grey images, rounded to 16 levels. */
function rounding(): string {
  const file = path.join(folder, 'rounding.onnx');
  const b = new GraphBuilder();
  const x = b.op('Flatten', [b.input('x', 'float32', ['N', 1, 2, 2])], { axis: 1 });
  const levels = b.op('Round', [b.op('Mul', [x, b.scalar(15)])]);
  b.output(
    b.op('MatMul', [levels, b.constant(tensor(Float32Array.of(1, 2, 0, 1, 3, 0, 1, 1), [4, 2]))]),
    'y',
  );
  writeFileSync(file, writeModel(b.finish()));
  writeFileSync(
    file.replace('onnx', 'json'),
    JSON.stringify({
      input: { name: 'x', layout: 'NCHW', height: 2, width: 2, channels: 'GRAY' },
      preprocessing: { mean: [0], std: [1] },
      output: { name: 'y', kind: 'logits', classes: 2 },
    }),
  );
  return file;
}

test('a rule of the user is asked instead of the catalog', async () => {
  const file = rounding();
  const images = tensor(Float32Array.of(0.11, 0.52, 0.33, 0.74), [1, 1, 2, 2]);
  const labels = int64([0]);
  const slope = async (overrides?: Parameters<typeof loadModel>[1]): Promise<number[]> => {
    const model = await loadModel(file, overrides);
    const found = await model.gradient(asked(images), crossEntropy(), { labels });
    await model.release();
    return [...found.gradient.data];
  };
  expect(await slope()).toEqual([0, 0, 0, 0]);
  const straightThrough = defineRule({ op: 'Round', backward: ({ dy }) => [dy[0]] });
  const found = await slope({ overrides: { Round: straightThrough } });
  // The rows of the weight differ by 1, 1, −3, 0, so that the gradient has these proportions.
  expect(Math.abs(found[0] as number)).toBeGreaterThan(0);
  expect(found.map((v) => v / (found[0] as number))).toEqual([1, 1, -3, 0].map((v) => expect.closeTo(v, 5)));
});

test('it runs in the thread that has the rule', async () => {
  const overrides = { Round: defineRule({ op: 'Round', backward: ({ dy }) => [dy[0]] }) };
  expect(originOf(await loadModel(rounding()))?.subject).toBeDefined();
  expect(originOf(await loadModel(rounding(), { overrides }))).toBeUndefined();
});
