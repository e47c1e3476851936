import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspect } from '../src/autodiff/index.ts';
import {
  asked,
  type Classifier,
  crossEntropy,
  labelTensor,
  loadModel,
  readGraph,
  scoresOf,
  softmax,
} from '../src/models/index.ts';
import { withSizes, writeModel } from '../src/onnx/index.ts';
import { type Images, int64, randomOf, type Tensor, tensor, toFloat, writeNpy } from '../src/tensor/index.ts';
import { openWorld } from './cli-world.ts';
import { heads } from './foreign/heads.ts';
import { inputs } from './foreign/inputs.ts';
import { names } from './foreign/names.ts';
import { operators } from './foreign/operators.ts';
import type { Foreign } from './foreign/structure.ts';

// Structures of public files that did not get a gradient, or that mislead: each as its exporter would write it, small.

const count = 5;
const size = 4;
const all: readonly Foreign[] = [...names, ...inputs, ...heads, ...operators];

/** Levels away from the ends, so that steps of the differences stay in the range. */
function pictures(channels: number): Tensor<'uint8'> {
  const stream = randomOf(1, 'foreign').stream('', 'pictures', channels);
  const data = Uint8Array.from({ length: count * channels * size * size }, () => 40 + stream.integer(176));
  return tensor(data, [count, channels, size, size], 'uint8');
}

let world: Awaited<ReturnType<typeof openWorld>>;
let folder = '';
beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
  folder = mkdtempSync(path.join(tmpdir(), 'advarena-foreign-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  return world.close();
});

/** Writes a file with what lies beside it. @returns its path */
function write({ graph, sidecar }: Foreign, index: number): string {
  const own = path.join(folder, String(index));
  mkdirSync(own, { recursive: true });
  writeFileSync(path.join(own, 'model.onnx'), writeModel(graph));
  if (sidecar !== undefined) writeFileSync(path.join(own, 'model.json'), JSON.stringify(sidecar));
  return path.join(own, 'model.onnx');
}

/** Cross-entropy of each row, in float64. */
function losses(scores: Tensor, labels: readonly number[]): number[] {
  const classes = scores.shape[1] as number;
  const p = softmax(scores);
  return labels.map((label, i) => -Math.log(p[i * classes + label] as number));
}

/** Central differences along a direction at two steps, extrapolated to none. */
async function slopes(model: Classifier, images: Images, direction: Float32Array, labels: readonly number[]) {
  const at = async (step: number): Promise<number[]> => {
    const data = images.data.map((v, i) => v + step * (direction[i] as number));
    const answers = await model.answers(asked({ ...images, data }));
    return losses(scoresOf(answers), labels);
  };
  const [wide, narrow] = [2 ** -6, 2 ** -7];
  const found = await Promise.all([0, wide, -wide, narrow, -narrow].map(at));
  return labels.map((_, i) => {
    const [middle, a, b, c, d] = found.map((losses) => losses[i]) as [number, number, number, number, number];
    const far = (a - b) / (2 * wide);
    const near = (c - d) / (2 * narrow);
    // How far the slopes to either side lie apart: half as far at half the step where there is no kink.
    const bends = [Math.abs(a + b - 2 * middle) / wide, Math.abs(c + d - 2 * middle) / narrow] as const;
    const doubt = Math.max(Math.abs(near - far), bends[1] > 0.7 * bends[0] ? bends[1] : 0);
    return { slope: (4 * near - far) / 3, doubt };
  });
}

describe.for(all.map((foreign, i) => [foreign.name, foreign, i] as const))('%s', ([, foreign, index]) => {
  test('its gradient is the slope of its own answers, and inspect knows that it has one', async () => {
    const file = write(foreign, index);
    const graph = await readGraph(file);
    const [input] = graph.inputs;
    // As `inspect --size` gives them.
    const sizes = input?.shape?.map((d, axis) => (axis > 0 && typeof d === 'string' ? size : d));
    const sized = sizes === undefined ? graph : withSizes(graph, new Map([[input?.name as string, sizes]]));
    expect(inspect(sized).blocking).toEqual([]);
    const model = await loadModel(file, { size: { height: size, width: size } });
    const { channels } = model.input;
    const images = toFloat(pictures(channels));
    const answers = await model.answers(asked(images));
    const labels = Array.from(answers.classes, (c) => (c + 1) % model.classes);
    const { gradient, scores } = await model.gradient(asked(images), crossEntropy(), {
      labels: labelTensor(labels),
    });
    // The runtime joins other nodes where a gradient needs what lies between them.
    for (const [i, z] of scoresOf(answers).data.entries()) expect(scores.data[i]).toBeCloseTo(z, 2);
    const row = channels * size * size;
    let compared = 0;
    let largest = 0;
    for (let draw = 0; draw < 6; draw++) {
      const stream = randomOf(2, 'foreign').stream('', 'direction', draw);
      // One pixel of each image: few kinks lie on the way, and none hides another.
      const direction = new Float32Array(images.data.length);
      const pixel = labels.map((_, i) => i * row + stream.integer(row));
      for (const p of pixel) direction[p] = 1;
      const found = await slopes(model, images, direction, labels);
      for (const [i, { slope, doubt }] of found.entries()) {
        const own = gradient.data[pixel[i] as number] as number;
        largest = Math.max(largest, Math.abs(slope));
        const typical = Math.max(Math.abs(own), Math.abs(slope), 0.05);
        // Near a kink the differences contradict each other.
        if (doubt > 0.01 * typical) continue;
        compared++;
        expect(Math.abs(own - slope)).toBeLessThan(0.01 * typical);
      }
    }
    // A gradient of zero would agree with a model that cares for nothing.
    expect(largest).toBeGreaterThan(0.05);
    expect(compared).toBeGreaterThan(3 * count);
    await model.release();
  });
});

test('each is attacked from the command line', async () => {
  const lines: string[] = [];
  for (const [index, foreign] of all.entries()) {
    const file = write(foreign, index);
    const model = await loadModel(file, { size: { height: size, width: size } });
    const images = pictures(model.input.channels);
    const { classes } = await model.answers(asked(toFloat(images)));
    await model.release();
    const beside = (name: string): string => path.join(path.dirname(file), name);
    writeFileSync(beside('x.npy'), writeNpy(images));
    writeFileSync(beside('y.npy'), writeNpy(int64(classes)));
    lines.push(
      `attack ${file} --images ${beside('x.npy')} --labels ${beside('y.npy')} --attack bim --epsilon 128/255 --hosts 1 --json`,
    );
  }
  const ended = await world.all(lines);
  const told = ended.map(({ out, err, code }, i) => {
    if (code !== 0) return { name: all[i]?.name, err };
    const { cleanAccuracy, robustAccuracy } = JSON.parse(out) as {
      cleanAccuracy: number;
      robustAccuracy: number;
    };
    return { name: all[i]?.name, cleanAccuracy, broken: robustAccuracy < 1 };
  });
  expect(told).toEqual(all.map(({ name }) => ({ name, cleanAccuracy: 1, broken: true })));
}, 400_000);

test('there are as many as were promised, each of its own name', () => {
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(60);
});
