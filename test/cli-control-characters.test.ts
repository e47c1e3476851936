import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { openWorld } from './cli-world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

test('no command prints raw control characters of a model', async () => {
  const [stem, end] = ['\u001B[2J\u009B31m', '\u0007'];
  const b = new GraphBuilder();
  const x = b.input(`x${stem}`, 'float32', ['N', 3, 8, 8]);
  const odd = b.op(`Foo${stem}${end}`, [x], {}, `t${end}`);
  b.declare(odd, { dtype: 'float32', shape: ['N', 4] });
  b.output(odd, `y${stem}`);
  writeFileSync(path.join(world.folder, 'escapes.onnx'), writeModel(b.finish()));
  const lines = [
    'inspect escapes.onnx',
    'inspect escapes.onnx --json',
    'inspect escapes.onnx --size 3',
    'inspect escapes.onnx --of none',
    'gradient escapes.onnx --input x.npy --labels y.npy --output g.npy',
    'gradient escapes.onnx --input x.npy --labels y.npy --output g.npy --of none',
    `attack escapes.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255`,
    `attack escapes.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255 --json`,
    `attack quad.onnx --images images --labels labels.csv --attack ${stem} --epsilon 8/255`,
  ];
  for (const [i, { out, err }] of (await world.all(lines)).entries()) {
    const said = { line: i, raw: /[^\P{Cc}\n]/u.test(out + err), told: /\\x1b|\\u001b/.test(out + err) };
    expect(said).toEqual({ line: i, raw: false, told: true });
  }
});
