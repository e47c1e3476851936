import { writeFileSync } from 'node:fs';
import { GraphBuilder, writeModel } from 'advarena/onnx';
import { randomOf, tensor } from 'advarena/tensor';

// Writes a network for 224 pixels with random weights:
// `node --conditions=advarena-source benchmarks/random-networks.ts NAME OUT.onnx`, NAME being
// - resnet18: He et al. 2016, arXiv:1512.03385, table 1; shortcuts of option B
// - mobilenet-v1: Howard et al. 2017, arXiv:1704.04861, table 1, of full width
// Then `npm run bench -- --models OUT.onnx`.

const [name = '', out = `${name}.onnx`] = process.argv.slice(2);
const b = new GraphBuilder(undefined, { opset: 18, name });
const numbers = randomOf(1, name);
let tensors = 0;

function random(shape: readonly number[], scale: number, offset = 0): string {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  numbers.stream('weights', 'benchmark', tensors++).fillNormal(data, offset, scale);
  return b.constant(tensor(data, shape), 'weight');
}

function convNorm(x: string, channels: number, kernel: number, stride: number, group = 1): string {
  const cin = (b.shape(x)?.[1] as number) / group;
  const pad = (kernel - 1) / 2;
  const w = random([channels, cin, kernel, kernel], Math.sqrt(2 / (cin * kernel * kernel)));
  const attributes = { strides: [stride, stride], pads: [pad, pad, pad, pad], group };
  const ones = b.constant(tensor(new Float32Array(channels).fill(1), [channels]), 'ones');
  const [scale, bias, mean] = [random([channels], 0.1, 1), random([channels], 0.1), random([channels], 0.1)];
  return b.op('BatchNormalization', [b.op('Conv', [x, w], attributes), scale, bias, mean, ones]);
}

function classify(x: string): void {
  const channels = b.shape(x)?.[1] as number;
  const features = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
  const bias = b.constant(tensor(new Float32Array(1000), [1000]), 'bias');
  b.output(b.op('Gemm', [features, random([1000, channels], 0.05), bias], { transB: 1 }), 'logits');
}

function resnet18(images: string): void {
  const relu = (x: string): string => b.op('Relu', [x]);
  const block = (x: string, channels: number, stride: number): string => {
    const inner = relu(convNorm(x, channels, 3, stride));
    const kept = stride === 1 ? x : convNorm(x, channels, 1, stride);
    return relu(b.op('Add', [convNorm(inner, channels, 3, 1), kept]));
  };
  const stem = relu(convNorm(images, 64, 7, 2));
  let x = b.op('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  for (const [stage, channels] of [64, 128, 256, 512].entries())
    x = block(block(x, channels, stage === 0 ? 1 : 2), channels, 1);
  classify(x);
}

function mobilenetV1(images: string): void {
  const relu6 = (x: string): string => b.op('Clip', [x, b.scalar(0), b.scalar(6)]);
  let x = relu6(convNorm(images, 32, 3, 2));
  const blocks: [number, number][] = [
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ];
  for (let i = 0; i < 5; i++) blocks.push([512, 1]);
  blocks.push([1024, 2], [1024, 1]);
  for (const [channels, stride] of blocks) {
    x = relu6(convNorm(x, b.shape(x)?.[1] as number, 3, stride, b.shape(x)?.[1] as number));
    x = relu6(convNorm(x, channels, 1, 1));
  }
  classify(x);
}

const builders: Record<string, (images: string) => void> = { resnet18, 'mobilenet-v1': mobilenetV1 };
const build = builders[name];
if (build === undefined) {
  process.stderr.write(`Name one of ${Object.keys(builders).join(', ')}, and a file to write.\n`);
  process.exit(2);
}
build(b.input('images', 'float32', ['N', 3, 224, 224]));
writeFileSync(out, writeModel(b.finish()));
