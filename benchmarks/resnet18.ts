import { writeFileSync } from 'node:fs';
import { GraphBuilder, writeModel } from 'advarena/onnx';
import { source, tensor } from 'advarena/tensor';

// Writes ResNet-18 for 224 pixels (He et al. 2016, arXiv:1512.03385, table 1; shortcuts of option B) with random
// weights: `node benchmarks/resnet18.ts OUT.onnx`, then `npm run bench -- --models OUT.onnx`.

const b = new GraphBuilder(undefined, { opset: 18, name: 'resnet18' });
const numbers = source(1, 'resnet18');
let tensors = 0;

function random(shape: readonly number[], scale: number, offset = 0): string {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  numbers.stream('weights', 'benchmark', tensors++).fillNormal(data, offset, scale);
  return b.constant(tensor(data, shape), 'weight');
}

function convNorm(x: string, out: number, kernel: number, stride: number): string {
  const cin = b.shape(x)?.[1] as number;
  const pad = (kernel - 1) / 2;
  const w = random([out, cin, kernel, kernel], Math.sqrt(2 / (cin * kernel * kernel)));
  const y = b.op('Conv', [x, w], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
  const ones = b.constant(tensor(new Float32Array(out).fill(1), [out]), 'ones');
  return b.op('BatchNormalization', [y, random([out], 0.1, 1), random([out], 0.1), random([out], 0.1), ones]);
}

function block(x: string, out: number, stride: number): string {
  const inner = b.op('Relu', [convNorm(x, out, 3, stride)]);
  const kept = stride === 1 ? x : convNorm(x, out, 1, stride);
  return b.op('Relu', [b.op('Add', [convNorm(inner, out, 3, 1), kept])]);
}

let x = b.op('Relu', [convNorm(b.input('images', 'float32', ['N', 3, 224, 224]), 64, 7, 2)]);
x = b.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
for (const [stage, out] of [64, 128, 256, 512].entries())
  x = block(block(x, out, stage === 0 ? 1 : 2), out, 1);
const features = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
const bias = b.constant(tensor(new Float32Array(1000), [1000]), 'bias');
b.output(b.op('Gemm', [features, random([1000, 512], 0.05), bias], { transB: 1 }), 'logits');
writeFileSync(process.argv[2] ?? 'resnet18.onnx', writeModel(b.finish()));
