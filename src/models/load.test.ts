import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { told } from '../../test/told.ts';
import { GraphBuilder, writeModel } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import { asked } from './classifier.ts';
import { loadModel, openModel } from './load.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-load-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => path.join(folder, name);

/** A linear classifier of 2x2 RGB images. */
function network(classes: number, weight = 0.1): Uint8Array {
  const b = new GraphBuilder(undefined, { name: 'linear' });
  const x = b.op('Flatten', [b.input('x', 'float32', ['N', 3, 2, 2])], { axis: 1 });
  b.output(
    b.op('MatMul', [x, b.constant(tensor(new Float32Array(12 * classes).fill(weight), [12, classes]))]),
    'y',
  );
  return writeModel(b.finish());
}

beforeAll(() => {
  writeFileSync(file('thousand.onnx'), network(1000));
  writeFileSync(file('background.onnx'), network(1001));
  writeFileSync(file('own.onnx'), network(10));
  const sidecar = {
    input: { name: 'x', layout: 'NCHW', height: 2, width: 2, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'y', kind: 'logits', classes: 10 },
    labels: { dataset: 'digits', offset: 0 },
  };
  writeFileSync(file('own.json'), JSON.stringify(sidecar));
});

test('without a sidecar the dataset says where its labels start', async () => {
  const thousand = await loadModel(file('thousand.onnx'), { dataset: 'imagenet-1k' });
  expect([thousand.classes, thousand.indexOffset, thousand.labelOffset]).toEqual([1000, 0, 1]);
  const background = await loadModel(file('background.onnx'), { dataset: 'imagenet-1k' });
  expect([background.classes, background.indexOffset, background.labelOffset]).toEqual([1000, 1, 1]);
  const plain = await loadModel(file('background.onnx'));
  expect([plain.classes, plain.indexOffset, plain.labelOffset]).toEqual([1001, 0, 0]);
  expect(plain.flags.map((f) => f.code)).toEqual(['NO_SIDECAR']);
});

test('a sidecar that names classes alone says nothing of where labels start', async () => {
  writeFileSync(file('named.onnx'), network(1000));
  const names = Array.from({ length: 1000 }, (_, k) => `class ${k}`);
  const offsets: number[] = [];
  for (const labels of [{ names }, { names, dataset: 'imagenet' }, { names, offset: 0 }]) {
    writeFileSync(file('named.json'), JSON.stringify({ labels }));
    offsets.push((await loadModel(file('named.onnx'), { dataset: 'imagenet-1k' })).labelOffset);
  }
  expect(offsets).toEqual([1, 1, 0]);
});

test('a model of another dataset is refused', async () => {
  const other = { dataset: 'imagenet-1k' };
  expect(
    await told({ 'another dataset': () => loadModel(file('own.onnx'), other) }, file('')),
  ).toMatchInlineSnapshot(
    `"another dataset: DATASET ./own.onnx: The model answers with classes of digits, not of imagenet-1k. | Use images and labels of that dataset, or correct labels.dataset in the sidecar."`,
  );
  expect((await loadModel(file('own.onnx'), { dataset: 'digits' })).name).toBe('own');
});

test('an ensemble of files has the weights that are given', async () => {
  writeFileSync(file('weak.onnx'), network(3, 0.1));
  writeFileSync(file('strong.onnx'), network(3, 0.5));
  const ensemble = [{ file: file('weak.onnx') }, { file: file('strong.onnx') }];
  const ones = tensor(new Float32Array(12).fill(1), [1, 3, 2, 2]);
  const first = async (weights?: number[]): Promise<number | undefined> => {
    const model = await openModel({ ensemble, ...(weights && { weights }) });
    const { scores } = await model.answers(asked(ones));
    await model.release();
    return scores?.data[0];
  };
  expect(await first()).toBeCloseTo((1.2 + 6) / 2, 5);
  expect(await first([3, 1])).toBeCloseTo((3 * 1.2 + 6) / 4, 5);
});
