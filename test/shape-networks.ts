import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Graph, GraphBuilder, prune, writeModel } from 'advarena/onnx';
import { createSession } from 'advarena/runtime';
import { randomOf, type Tensor, tensor, toFloat } from 'advarena/tensor';
import { type Shapes, shapeNames, shapeSize } from './shapes.ts';

/** A small convolutional classifier whose filters are patches of training images and whose head is solved for. */
export interface Recipe {
  name: string;
  filters: number;
  kernel: number;
  stride: number;
  seed: number;
}

export const recipes: readonly Recipe[] = [
  { name: 'fine', filters: 96, kernel: 7, stride: 2, seed: 1 },
  { name: 'broad', filters: 96, kernel: 10, stride: 2, seed: 2 },
];

/**
 * Builds a recipe's network in seconds, without gradient descent: contrast-normalised patches as filters (Coates et
 * al. 2011, "An analysis of single-layer networks"), rectified, the largest answer within each cell of a grid,
 * then ridge regression on one-hot labels.
 */
export async function buildNetwork(recipe: Recipe, train: Shapes): Promise<Graph> {
  const b = new GraphBuilder(undefined, { name: recipe.name });
  const x = b.input('input', 'float32', ['N', 3, shapeSize, shapeSize]);
  const weight = b.constant(patches(recipe, train), 'filters');
  const bias = b.constant(tensor(new Float32Array(recipe.filters).fill(-0.4), [recipe.filters]), 'threshold');
  const map = b.op('Relu', [b.op('Conv', [x, weight, bias], { strides: [recipe.stride, recipe.stride] })]);
  const size = b.shape(map)?.[2] as number;
  const cell = Math.ceil(size / 3);
  const pooled = b.op('MaxPool', [map], { kernel_shape: [cell, cell], strides: [cell, cell], ceil_mode: 1 });
  const features = b.op('Flatten', [pooled], { axis: 1 });

  const head = await ridge(b, features, train);

  const logits = b.op('Gemm', [
    features,
    b.constant(head.weight, 'head'),
    b.constant(head.bias, 'head_bias'),
  ]);
  b.setOutputs([]);
  b.output(logits, 'logits');
  return b.finish();
}

/** Writes ONNX and sidecar. @returns the path of the ONNX file */
export function saveNetwork(folder: string, recipe: Recipe, graph: Graph): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${recipe.name}.onnx`);
  writeFileSync(file, writeModel(graph));
  const sidecar = {
    name: recipe.name,
    input: { name: 'input', layout: 'NCHW', height: shapeSize, width: shapeSize, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'logits', kind: 'logits', classes: shapeNames.length },
    labels: { dataset: 'shapes', offset: 0 },
    recipe,
  };
  writeFileSync(path.join(folder, `${recipe.name}.json`), `${JSON.stringify(sidecar, undefined, 2)}\n`);
  return file;
}

/** Random patches of training images, each of mean 0 and norm 2. */
function patches({ filters, kernel, seed }: Recipe, train: Shapes): Tensor {
  const size = 3 * kernel * kernel;
  const data = new Float32Array(filters * size);
  const draw = randomOf(seed, 'patches').stream('filters', 'place', 0);
  const pixels = shapeSize * shapeSize;
  for (let f = 0; f < filters; ) {
    const image = draw.integer(train.labels.length);
    const [top, left] = [draw.integer(shapeSize - kernel + 1), draw.integer(shapeSize - kernel + 1)];
    const patch = data.subarray(f * size, (f + 1) * size);
    for (let i = 0; i < size; i++) {
      const [c, y, x] = [Math.floor(i / kernel ** 2), Math.floor(i / kernel) % kernel, i % kernel];
      patch[i] =
        (train.images.data[(image * 3 + c) * pixels + (top + y) * shapeSize + left + x] as number) / 255;
    }
    // The mean of each channel goes, for a filter should answer to form rather than to colour.
    for (let c = 0; c < 3; c++) {
      const channel = patch.subarray(c * kernel ** 2, (c + 1) * kernel ** 2);
      const mean = channel.reduce((a, v) => a + v, 0) / channel.length;
      for (let i = 0; i < channel.length; i++) channel[i] = (channel[i] as number) - mean;
    }
    const norm = Math.hypot(...patch);
    if (norm < 0.8) continue;
    for (let i = 0; i < size; i++) patch[i] = ((patch[i] as number) * 2) / norm;
    f++;
  }
  return tensor(data, [filters, 3, kernel, kernel]);
}

/**
 * Least squares onto one-hot labels (others −1/(K−1)) with a ridge. The runtime multiplies, Cholesky solves; logits
 * are scaled so that their softmax is about as sure as that of a trained network.
 */
async function ridge(
  network: GraphBuilder,
  features: string,
  train: Shapes,
): Promise<{ weight: Tensor; bias: Tensor }> {
  const classes = shapeNames.length;
  const count = train.labels.length;
  const b = new GraphBuilder(network.finish());
  const wanted = b.input('wanted', 'float32', ['N', classes]);
  const one = b.input('one', 'float32', ['N', 1]);
  const rows = b.op('Concat', [features, one], { axis: 1 });
  const columns = b.op('Transpose', [rows], { perm: [1, 0] });
  b.setOutputs([b.op('MatMul', [columns, rows]), b.op('MatMul', [columns, wanted])]);
  const graph = prune(b.finish());
  const session = await createSession(graph, { name: network.finish().name, threads: 2 });
  const targets = new Float32Array(count * classes).fill(-1 / (classes - 1));
  for (const [i, label] of train.labels.entries()) targets[i * classes + label] = 1;
  const out = await session.run({
    input: toFloat(train.images),
    wanted: tensor(targets, [count, classes]),
    one: tensor(new Float32Array(count).fill(1), [count, 1]),
  });
  await session.release();
  const [gram, right] = graph.outputs.map((o) => Float64Array.from((out[o.name] as Tensor).data));
  if (gram === undefined || right === undefined) throw new Error('the runtime gave no sums');
  const n = Math.round(Math.sqrt(gram.length));
  for (let j = 0; j < n - 1; j++) gram[j * n + j] = (gram[j * n + j] as number) + 0.01 * count;
  solve(gram, right, n, classes);
  const sharpness = 12;
  const scaled = Float32Array.from(right, (v) => v * sharpness);
  const width = n - 1;
  return {
    weight: tensor(scaled.slice(0, width * classes), [width, classes]),
    bias: tensor(scaled.slice(width * classes), [classes]),
  };
}

/** Solves A X = B in place of B, A symmetric positive definite with its lower half filled. */
function solve(a: Float64Array, b: Float64Array, n: number, columns: number): void {
  const at = (i: number, j: number): number => a[i * n + j] as number;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let s = at(i, j);
      for (let k = 0; k < j; k++) s -= at(i, k) * at(j, k);
      a[i * n + j] = i === j ? Math.sqrt(s) : s / at(j, j);
    }
  }
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      let s = b[i * columns + c] as number;
      for (let k = 0; k < i; k++) s -= at(i, k) * (b[k * columns + c] as number);
      b[i * columns + c] = s / at(i, i);
    }
    for (let i = n - 1; i >= 0; i--) {
      let s = b[i * columns + c] as number;
      for (let k = i + 1; k < n; k++) s -= at(k, i) * (b[k * columns + c] as number);
      b[i * columns + c] = s / at(i, i);
    }
  }
}
