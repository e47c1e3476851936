import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attack, fgsm, pgd, randomNoise } from '../src/attacks/index.ts';
import { type AttackOutcome, attack } from '../src/judge/index.ts';
import {
  asked,
  type Classifier,
  crossEntropy,
  type GradientAnswer,
  loadModel,
  readGraph,
  scoresOf,
} from '../src/models/index.ts';
import { type Graph, writeModel } from '../src/onnx/index.ts';
import { openHosts } from '../src/runtime/index.ts';
import {
  distances,
  type Images,
  int64,
  randomOf,
  rows,
  type Tensor,
  tensor,
  toFloat,
} from '../src/tensor/index.ts';
import {
  adam,
  classification,
  convNet,
  convNext,
  type Examples,
  fold,
  type Network,
  oneCycle,
  shuffled,
  train,
  vit,
} from '../src/training/index.ts';
import { quantise } from './quantise.ts';

// Kinds of network that no file of the zoo has, or one only: made small here, written, loaded and attacked.

const [side, classes, count] = [16, 4, 96];
const plane = side * side;
const epsilon = 8 / 255;
const random = randomOf(3, 'gratings');

/** Waves of four directions, each of its own length, phase and colours, on noisy grey; class n % 4. */
function gratings(count: number, part: string): Examples & { images: Tensor<'uint8'> } {
  const ids = Array.from({ length: count }, (_, n) => `${part}-${n}`);
  const images = tensor(new Uint8Array(count * 3 * plane), [count, 3, side, side], 'uint8');
  for (const [n, id] of ids.entries()) {
    const draw = random.stream(id, 'pixels');
    const angle = ((n % classes) * Math.PI) / classes;
    const wave = (2 * Math.PI) / (5 + 3 * draw.uniform());
    const phase = 2 * Math.PI * draw.uniform();
    const noise = new Float32Array(3 * plane);
    draw.fillNormal(noise, 0, 12);
    const { data } = rows(images, n, n + 1);
    for (let c = 0; c < 3; c++) {
      const height = 12 + 8 * draw.uniform();
      for (let i = 0; i < plane; i++) {
        const along = (i % side) * Math.cos(angle) + Math.floor(i / side) * Math.sin(angle);
        const level = 128 + height * Math.sin(wave * along + phase) + (noise[c * plane + i] as number);
        data[c * plane + i] = Math.round(Math.min(255, Math.max(0, level)));
      }
    }
  }
  return { ids, images, labels: ids.map((_, n) => n % classes) };
}

const examples = gratings(512, 'train');
const held = gratings(count, 'held');
const question = asked(toFloat(held.images), held.ids);
const labels = int64(Array.from(held.labels));

const common = { height: side, width: side, classes, seed: 1, mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] };

async function trained(network: Network, steps: number, rate: number): Promise<Graph> {
  const done = await train({
    network,
    losses: [classification()],
    optimizer: adam(),
    schedule: oneCycle({ rate, steps }),
    batches: shuffled(examples, { size: 32, seed: 1 }),
    steps,
    seed: 1,
  });
  return fold(done.network.graph);
}

const hosts = openHosts({ count: 1 });
const models: Record<string, Classifier> = {};
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'advarena-architectures-'));
  const small = vit({ ...common, size: 24, blocks: 2, heads: 3 });
  await keep('vit', await trained(small, 100, 0.005));
  const next = convNext({ ...common, widths: [12, 24], blocks: [1, 2], layerScale: 0.1 });
  await keep('convnext', await trained(next, 60, 0.01));
  const plain = await trained(convNet({ ...common, widths: [12, 24] }), 60, 0.01);
  await keep('float', plain);
  const calibration = toFloat(rows(examples.images, 0, 128));
  await keep('qdq', await quantise(plain, calibration, 'qdq'));
  await keep('operators', await quantise(plain, calibration, 'operators'));
});
afterAll(async () => {
  for (const model of Object.values(models)) await model.release();
  await hosts.close();
  await rm(folder, { recursive: true });
});

/** The graph as a user meets it: from its file. */
async function keep(name: string, graph: Graph): Promise<void> {
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, writeModel(graph));
  const sidecar = {
    input: { name: 'input', height: side, width: side, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'logits', classes },
  };
  await writeFile(file.replace(/onnx$/, 'json'), JSON.stringify(sidecar));
  models[name] = await loadModel(file);
}

function modelOf(name: string): Classifier {
  return models[name] as Classifier;
}

async function attacked<O>(model: Classifier, by: Attack<O>, options = {}): Promise<AttackOutcome> {
  const given = { images: held.images, ids: held.ids, labels: held.labels };
  return attack(model, by, { ...given, epsilon, seed: 2, hosts, options });
}

/** Noise leaves the model right, one step breaks much, ten steps break nearly all; nothing leaves the ball. */
async function broken(model: Classifier): Promise<{ noise: number; step: number; walk: AttackOutcome }> {
  const noise = await attacked(model, randomNoise);
  const step = await attacked(model, fgsm);
  const walk = await attacked(model, pgd, { steps: 10 });
  expect(walk.cleanAccuracy).toBeGreaterThan(0.95);
  for (const { adversarial, flags } of [noise, step, walk]) {
    expect(flags.filter((f) => f.code !== 'STRAIGHT_THROUGH')).toEqual([]);
    for (const d of distances(adversarial.images, question.images, 'linf'))
      expect(d).toBeLessThanOrEqual(epsilon + 1e-6);
  }
  return { noise: noise.robustAccuracy, step: step.robustAccuracy, walk };
}

/** Cross-entropy of each row, in double precision. */
async function losses(model: Classifier, images: Images): Promise<number[]> {
  const { data } = scoresOf(await model.answers(asked(images, held.ids)));
  return held.ids.map((_, n) => {
    const label = held.labels[n] as number;
    const own = data[n * classes + label] as number;
    let others = 0;
    for (let k = 0; k < classes; k++)
      if (k !== label) others += Math.exp((data[n * classes + k] as number) - own);
    return Math.log1p(others);
  });
}

/** Parts of an image: along the gradient within one, the slope is the part's norm. */
const parts: Record<string, (pixel: number) => boolean> = {
  whole: () => true,
  red: (i) => i < plane,
  blue: (i) => i >= 2 * plane,
  left: (i) => i % side < side / 2,
  bottom: (i) => i % plane >= plane / 2,
};

describe.for(['vit', 'convnext'] as const)('%s', (name) => {
  test('falls to gradients and not to noise', async () => {
    const { noise, step, walk } = await broken(modelOf(name));
    expect(noise).toBeGreaterThan(0.95);
    expect(step).toBeLessThan(0.8);
    expect(walk.robustAccuracy).toBeLessThan(0.1);
  });

  test('is attacked along the slopes of its own loss', async () => {
    const model = modelOf(name);
    const { images } = question;
    const { value, gradient } = await model.gradient(question, crossEntropy(), { labels });
    for (const [n, loss] of (await losses(model, images)).entries()) expect(value[n]).toBeCloseTo(loss, 5);
    const size = 3 * plane;
    for (const [part, inside] of Object.entries(parts)) {
      const masked = gradient.data.map((g, i) => (inside(i % size) ? g : 0));
      const norms = held.ids.map((_, n) => Math.hypot(...masked.subarray(n * size, (n + 1) * size)));
      const at = (distance: number): Promise<number[]> => {
        const moved = masked.map(
          (g, i) => (images.data[i] as number) + (distance * g) / (norms[Math.floor(i / size)] as number),
        );
        return losses(model, { ...images, data: moved });
      };
      const slopes = async (h: number): Promise<number[]> => {
        const [up, down] = [await at(h), await at(-h)];
        return up.map((u, n) => (u - (down[n] as number)) / (2 * h));
      };
      const [wide, narrow] = [await slopes(0.008), await slopes(0.004)];
      const off = norms.map((norm, n) => {
        const slope = (4 * (narrow[n] as number) - (wide[n] as number)) / 3;
        return Math.abs(slope - norm) / norm;
      });
      // Measured: 3e-4 at most.
      expect({ part, close: Math.max(...off) < 2e-3 }).toEqual({ part, close: true });
    }
  });
});

describe('int8', () => {
  test('has integer weights, and answers like the float network it was made of', async () => {
    for (const form of ['qdq', 'operators']) {
      const { nodes, initializers } = await readGraph(path.join(folder, `${form}.onnx`));
      const integers = [...initializers.values()].filter((t) => t.dtype === 'int8' && t.shape.length > 1);
      expect(integers.length).toBe(3);
      const convolutions = nodes.filter((n) => n.op === (form === 'qdq' ? 'Conv' : 'QLinearConv'));
      expect(convolutions.length).toBe(2);
      const { classes: answers } = await modelOf(form).answers(question);
      const { classes: wanted } = await modelOf('float').answers(question);
      expect(answers.filter((a, n) => a === wanted[n]).length).toBeGreaterThan(0.97 * count);
    }
  });

  test('falls to gradients and not to noise', async () => {
    const { noise, step, walk } = await broken(modelOf('qdq'));
    expect(noise).toBeGreaterThan(0.95);
    expect(step).toBeLessThan(0.8);
    expect(walk.robustAccuracy).toBeLessThan(0.2);
  });

  test('has nearly the gradients of the float network, straight through its rounding', async () => {
    const [float, int8] = await Promise.all(
      ['float', 'qdq'].map((name) => modelOf(name).gradient(question, crossEntropy(), { labels })),
    );
    const pairs = held.ids.map((_, n) => {
      const [a, b] = [float, int8].map((g) => rows((g as GradientAnswer).gradient, n, n + 1).data);
      return {
        cosine: cosine(a as Float32Array, b as Float32Array),
        ratio: Math.hypot(...(b as Float32Array)) / Math.hypot(...(a as Float32Array)),
      };
    });
    // Measured: least 0.92, median 0.99.
    expect(Math.min(...pairs.map((p) => p.cosine))).toBeGreaterThan(0.8);
    expect(median(pairs.map((p) => p.cosine))).toBeGreaterThan(0.97);
    expect(Math.abs(median(pairs.map((p) => p.ratio)) - 1)).toBeLessThan(0.05);
  });

  test('is attacked alike in pairs and in QLinearConv', async () => {
    const [pairs, operators] = [
      await attacked(modelOf('qdq'), pgd, { steps: 10 }),
      await attacked(modelOf('operators'), pgd, { steps: 10 }),
    ];
    expect(operators.samples.map((s) => [s.clean, s.adversarial])).toEqual(
      pairs.samples.map((s) => [s.clean, s.adversarial]),
    );
    // Float32 sums of the two may be rounded to neighbouring integers; few pixels follow.
    const other = operators.adversarial.images.data;
    const differ = pairs.adversarial.images.data.filter((v, i) => v !== other[i]).length;
    expect(differ).toBeLessThan(0.02 * other.length);
  });
});

function cosine(a: Float32Array, b: Float32Array): number {
  const inner = a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
  return inner / (Math.hypot(...a) * Math.hypot(...b));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}
