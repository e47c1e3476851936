import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../src/data/index.ts';
import type { NamedAttackResult } from '../src/report/index.ts';
import { version } from '../src/runtime/index.ts';
import { printedBy, resultsOf } from './cli-printed.ts';
import { openWorld } from './cli-world.ts';

/** A result says what it is a result of. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
  const white = await encodePng({ height: 8, width: 8, channels: 1, data: new Uint8Array(64).fill(255) });
  writeFileSync(path.join(world.folder, 'mask.png'), white);
});
afterAll(() => world.close());

const images = '--images images --labels labels.csv --hosts 1';

test('an attack that saw the defense is told from one that was blind to it', async () => {
  const line = `attack quad.onnx ${images} --limit 2 --epsilon 8/255 --defense bit-depth:bits=4`;
  const [saw = '', blind = '', ...texts] = await printedBy(world, [
    `${line} --attack fgsm --through bpda`,
    `${line} --attack fgsm --source bare.onnx`,
    `${line} --attack random-noise --json`,
    `${line} --attack square --queries 5 --json`,
  ]);
  expect(saw).toContain('\nbehind bit-depth:bits=4, which the attack saw\n');
  expect(blind).toContain('\nbehind bit-depth:bits=4, to which the attack was blind\n');
  expect(texts.map((text) => JSON.parse(text) as NamedAttackResult)).toMatchObject([
    { defenses: [{ name: 'bit-depth' }], adaptive: false, opponent: 'none' },
    { defenses: [{ name: 'bit-depth' }], adaptive: true, opponent: 'scores' },
  ]);
});

test('a view that has nothing to look through is told', async () => {
  const line = `quad.onnx ${images} --limit 2 --epsilon 8/255 --attack fgsm`;
  const found = await resultsOf(world, [
    `${line} --through bpda`,
    `${line} --through eot --through bpda --defense bit-depth:bits=4`,
  ]);
  const idle = found.map(({ flags }) => flags.filter((f) => f.code === 'VIEW_IDLE').map((f) => f.message));
  expect(idle).toEqual([
    ['The view bpda changes nothing: quad has no defense whose gradient it could stand for.'],
    ['The view eot changes nothing: bit-depth(quad) draws nothing at random.'],
  ]);
});

test('a result names all that shaped it', async () => {
  const [plain, other] = await resultsOf(world, [
    `quad.onnx ${images} --epsilon 8/255 --attack fgsm --predicted --stop-early --seed 3`,
    `quad.onnx ${images} --epsilon 8/255 --attack fgsm --limit 4 --mask mask.png --source bare.onnx`,
  ]);
  const sha = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
  expect(plain).toMatchObject({
    labelsFrom: 'predicted',
    stopEarly: true,
    seed: 3,
    opponent: 'gradient',
    versions: { advarena: version, 'onnxruntime-node': expect.stringMatching(/^\d+\.\d+\.\d+$/) as string },
    data: { images: sha },
    files: [{ onnx: sha, sidecar: sha }],
  });
  expect(other).toMatchObject({ labelsFrom: 'true', stopEarly: false, data: { images: sha, masks: sha } });
  expect(other?.data.images).not.toBe(plain?.data.images);
  expect(other?.files).toHaveLength(2);
  expect(other?.files?.[0]).toEqual(plain?.files?.[0]);
  const file = readFileSync(path.join(world.folder, 'quad.onnx'));
  expect(plain?.files?.[0]?.onnx).toBe(createHash('sha256').update(file).digest('hex'));
});
