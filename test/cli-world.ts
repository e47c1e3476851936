import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import sharp from 'sharp';
import { encodePng } from '../src/data/index.ts';
import {
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from '../src/onnx/generated/onnx_pb.ts';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { int64, randomOf, type Tensor, tensor, writeNpy } from '../src/tensor/index.ts';

/** Models and images small enough to try the command line on: 8x8 RGB, class k is the quadrant that shines. */

const count = 12;
const size = 8;
const classes = 4;

/** What a command printed and how it ended; seconds, which vary, are replaced. */
export interface Ended {
  out: string;
  err: string;
  code: number | null;
}

/**
 * A world in a temporary folder, and the command line within it.
 * @param options.keepHosts whether commands of one process pass their hosts on: where files do not change meanwhile
 */
export async function openWorld({ keepHosts = false } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'advarena-cli-'));
  await makeWorld(folder);
  const start = (...args: string[]) =>
    spawn(process.execPath, [condition, script('../src/cli/main.ts'), ...args], plainIn(folder));
  const { all, end } = openBatch(folder, keepHosts);
  return {
    folder,
    start,
    run: (...args: string[]): Promise<Ended> => ended(start(...args)),
    all,
    /** What command lines print on both streams and end with. */
    tell: async (lines: readonly string[]): Promise<string> =>
      (await all(lines)).map(({ out, err, code }, i) => `$ ${lines[i]}\n${out}${err}= ${code}\n`).join('\n'),
    close: () => {
      end();
      rmSync(folder, { recursive: true });
    },
  };
}

const condition = '--conditions=advarena-source';

function script(name: string): string {
  return path.join(import.meta.dirname, name);
}

function plainIn(folder: string) {
  return { cwd: folder, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined } };
}

/**
 * Command lines in a folder, all in one process, which starts with the first of them.
 * @param keepHosts whether they pass their hosts on: where files do not change meanwhile
 */
export function openBatch(folder: string, keepHosts: boolean) {
  let batch: ChildProcess | undefined;
  const all = async (lines: readonly string[]): Promise<Ended[]> => {
    batch ??= fork(script('cli-batch.ts'), keepHosts ? ['--keep-hosts'] : [], {
      ...plainIn(folder),
      execArgv: [condition],
    });
    const process = batch;
    const told = new AbortController();
    const { signal } = told;
    process.send([...lines]);
    const [said] = (await Promise.race([
      once(process, 'message', { signal }),
      once(process, 'exit', { signal }).then(([code]) => {
        batch = undefined;
        throw new Error(`The process of the command lines ended with ${code}.`);
      }),
    ]).finally(() => told.abort())) as [Ended[]];
    return said.map(({ out, err, code }) => ({ out: withoutSeconds(out), err: withoutProgress(err), code }));
  };
  return { all, end: (): boolean => batch?.kill() ?? false };
}

/** Messages without the names in them that change with every entry that is added to a catalog. */
export function withoutCatalog(text: string): string {
  return text
    .replaceAll(/(?:Choose one of|Nearest of \d+): [^.]*\./g, 'Choose one of: (names).')
    .replaceAll(/; .* ha(?:s|ve) it\./g, '; (names) have it.');
}

/** Waits for a command to end. */
export async function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  const [out, err, code] = await Promise.all([
    text(child.stdout as Readable),
    text(child.stderr as Readable),
    once(child, 'close').then(([c]) => c as number | null),
  ]);
  return { out: withoutSeconds(out), err: withoutProgress(err), code };
}

/** Ids of the processes that a process has started: where there are some, the work has begun. Linux alone tells. */
export function hostsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

/** Where there is no terminal a line comes every ten seconds: on a busy machine, some. */
function withoutProgress(text: string): string {
  return text.replaceAll(/^.*\b\d+ of \d+ (?:images|photographs|steps)\b.*, \d+ (?:s|min|h)\b.*\n/gm, '');
}

function withoutSeconds(text: string): string {
  return text
    .replaceAll(/[\d.]+ s, (?=[\d,]+ (?:gradient|answer|decision)|nothing asked)/g, '(seconds), ')
    .replaceAll(/"seconds":[^,]+/g, '"seconds":0');
}

/** Writes everything under a folder. */
export async function makeWorld(folder: string): Promise<void> {
  const write = (name: string, content: Uint8Array | string): void =>
    writeFileSync(path.join(folder, name), content);
  mkdirSync(path.join(folder, 'images'), { recursive: true });
  const images = drawImages();
  for (let i = 0; i < count; i++) write(`images/im${String(i).padStart(2, '0')}.png`, await png(images, i));
  // The last one is labelled wrongly: it is attacked like the others and never counts as robust.
  const labels = Array.from({ length: count }, (_, i) => (i === count - 1 ? 0 : i % classes));
  const table = (offset: number): string =>
    `id,label,target\n${labels.map((l, i) => `im${String(i).padStart(2, '0')},${l + offset},${((l + 1) % classes) + offset}\n`).join('')}`;
  write('labels.csv', table(0));
  write('labels-from-1.csv', table(1));
  write('high.csv', table(0).replace('im03,3', 'im03,9'));
  write('own.csv', table(0).replace('im03,3,0', 'im03,3,3'));
  write('word.csv', table(0).replace('im03,3', 'im03,cat'));
  write('part.csv', table(0).split('\n').slice(0, 9).join('\n'));
  write('labels.npy', writeNpy(int64(labels)));
  write('labels-background.npy', writeNpy(int64(labels.map((l) => l + 1))));
  write('short.npy', writeNpy(int64(labels.slice(1))));
  write('batch.npy', writeNpy(images));
  write('nhwc.npy', writeNpy(channelsLast(images)));
  write(
    'floats.npy',
    writeNpy(
      tensor(
        Float32Array.from(images.data, (v) => v / 255),
        images.shape,
      ),
    ),
  );
  const grey = images.data.map((v) => Math.min(254, v));
  write(
    'between.npy',
    writeNpy(
      tensor(
        Float32Array.from(grey, (v) => (v + 0.4) / 255),
        images.shape,
      ),
    ),
  );
  write('empty.npy', writeNpy(tensor(new Uint8Array(0), [0, 3, size, size], 'uint8')));

  mkdirSync(path.join(folder, 'none'));
  const pictures: Record<string, Uint8Array> = {
    sizes: await sharp(Buffer.alloc(216), { raw: { height: 9, width: 8, channels: 3 } })
      .png()
      .toBuffer(),
    deep: await plain().toColourspace('rgb16').png().toBuffer(),
    palette: await plain().png({ palette: true }).toBuffer(),
    cut: (await png(images, 1)).subarray(0, 120),
  };
  for (const [name, bytes] of Object.entries(pictures)) {
    mkdirSync(path.join(folder, name));
    write(`${name}/im00.png`, await png(images, 0));
    write(`${name}/im01.png`, bytes);
  }
  write('pair.csv', 'id,label\nim00,0\nim01,1\n');
  mkdirSync(path.join(folder, 'grey'));
  write('grey/im00.png', await plain().toColourspace('b-w').png().toBuffer());
  write('single.csv', 'id,label\nim00,0\n');

  write('quad.onnx', network());
  write('quad.json', sidecar('quad'));
  write('bare.onnx', network());
  write('softmax.onnx', network({ softmax: true }));
  write('softmax.json', sidecar('softmax', { kind: 'probabilities' }));
  write('fixed.onnx', network({ batch: 1 }));
  write('fixed.json', sidecar('fixed'));
  write('stuck.onnx', network({ batch: 1, reshape: true }));
  write('stuck.json', sidecar('stuck'));
  write('five.onnx', network({ batch: 5, reshape: true }));
  write('five.json', sidecar('five'));
  write('nan.onnx', network({ bias: Number.NaN }));
  write('nan.json', sidecar('nan'));
  write('unknown.onnx', network({ last: 'Frobnicate' }));
  write('unknown.json', sidecar('unknown'));
  write('outside.onnx', withoutWeights(network()));
  write('background.onnx', network({ columns: 1001 }));
  write('background.json', sidecar('background', { classes: 1001 }, { dataset: 'imagenet-1k', offset: 0 }));
  write('from-1.onnx', network());
  write('from-1.json', sidecar('from-1', {}, { dataset: 'quadrants', offset: 1 }));
  write('cut.onnx', network().subarray(0, 300));
  write('text.onnx', 'this is no model\n');
  write('scribble.onnx', network());
  write('scribble.json', '{ "input": ');
  write('liar.onnx', network());
  write('liar.json', sidecar('liar', { classes: 7 }));
  write('grey.onnx', network());
  write(
    'grey.json',
    sidecar('grey')
      .replace('RGB', 'GRAY')
      .replaceAll(/\[(.),.,.\]/g, '[$1]'),
  );

  const x = Float32Array.from(images.data.subarray(0, 2 * 3 * size * size), (v) => v / 255);
  write('x.npy', writeNpy(tensor(x, [2, 3, size, size])));
  write('y.npy', writeNpy(int64([0, 2])));
  write('y-high.npy', writeNpy(int64([0, 4])));
  const b = new GraphBuilder(undefined, { name: 'product' });
  b.output(b.op('Mul', [b.input('a', 'float32', ['N']), b.input('b', 'float32', ['N'])]), 'product');
  write('product.onnx', writeModel(b.finish()));
  write('a.npy', writeNpy(tensor(Float32Array.from([1, 2, 3]), [3])));
  write('b.npy', writeNpy(tensor(Float32Array.from([5, 7, 9]), [3])));
  write('twos.npy', writeNpy(tensor(Float32Array.from([2, 2, 2]), [3])));
}

/** The same model with the bytes of its kernel in a file that is not there. */
function withoutWeights(model: Uint8Array): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, model);
  const weights = proto.graph?.initializer[0];
  if (weights === undefined) throw new Error('the model has no weights');
  weights.rawData = new Uint8Array(0);
  weights.dataLocation = TensorProto_DataLocation.EXTERNAL;
  weights.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: 'kernel.bin' })];
  return toBinary(ModelProtoSchema, proto);
}

function plain() {
  return sharp(Buffer.alloc(size * size * 3, 100), { raw: { height: size, width: size, channels: 3 } });
}

interface NetworkOptions {
  /** Of its weights. */
  seed?: number;
  batch?: number;
  softmax?: boolean;
  reshape?: boolean;
  bias?: number;
  last?: string;
  columns?: number;
  /** Adds an output `doubt`, above 0 where the largest score is below. */
  doubt?: number;
}

/** A convolution over the quadrants and a layer on top, of fixed random numbers around what tells them apart. */
export function network({
  seed = 5,
  batch,
  softmax,
  reshape,
  bias = 0.05,
  last,
  columns = classes,
  doubt,
}: NetworkOptions = {}) {
  const random = randomOf(seed, 'cli');
  const normal = (shape: number[], purpose: string, deviation: number): Tensor => {
    const out = new Float32Array(shape.reduce((a, d) => a * d, 1));
    random.stream('', purpose).fillNormal(out, 0, deviation);
    return tensor(out, shape);
  };
  const b = new GraphBuilder(undefined, { name: 'quad' });
  const x = b.input('pixels', 'float32', [batch ?? 'N', 3, size, size]);
  const kernel = normal([classes, 3, 4, 4], 'kernel', 0.02);
  kernel.data.forEach((v, i) => {
    kernel.data[i] = v + 1 / 48;
  });
  const map = b.op('Relu', [b.op('Conv', [x, b.constant(kernel, 'kernel')], { strides: [4, 4] })]);
  const features = classes * 4;
  const flat = reshape
    ? b.op('Reshape', [map, b.ints([batch ?? 1, features])])
    : b.op('Flatten', [map], { axis: 1 });
  const head = normal([features, columns], 'head', 0.08);
  // Feature f is quadrant f % 4; the classes are the last columns, behind any background.
  const first = columns === 1001 ? 1 : 0;
  for (let f = 0; f < features; f++)
    head.data[f * columns + first + (f % 4)] = (head.data[f * columns + first + (f % 4)] as number) + 1.5;
  const offsets = tensor(new Float32Array(columns).fill(bias), [columns]);
  let out = b.op('Gemm', [flat, b.constant(head, 'head'), b.constant(offsets, 'offsets')]);
  if (softmax) out = b.op('Softmax', [out], { axis: 1 });
  if (last !== undefined) {
    const [node] = b.node(last, [out], {}, { outputs: 1, name: 'last' });
    out = node as string;
    b.declare(out, { dtype: 'float32', shape: ['N', columns] });
  }
  if (doubt !== undefined) {
    const largest = b.op('ReduceMax', [out, b.ints([1])], { keepdims: 1 });
    b.output(b.op('Sub', [b.scalar(doubt), largest]), 'doubt');
  }
  b.output(out, 'scores');
  return writeModel(b.finish());
}

export function sidecar(name: string, output: object = {}, labels?: object): string {
  return JSON.stringify({
    name,
    input: { name: 'pixels', layout: 'NCHW', height: size, width: size, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'scores', kind: 'logits', classes, ...output },
    ...(labels === undefined ? {} : { labels }),
  });
}

function drawImages(): Tensor<'uint8'> {
  const data = new Uint8Array(count * 3 * size * size);
  for (let n = 0; n < count; n++) {
    const draw = randomOf(3, 'images').stream(String(n), 'image', 0);
    const light = 20 + draw.integer(40);
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++) {
          const inside = 2 * Math.floor(y / 4) + Math.floor(x / 4) === n % classes;
          data[((n * 3 + c) * size + y) * size + x] = 90 + draw.integer(30) + (inside ? light : 0);
        }
  }
  return tensor(data, [count, 3, size, size], 'uint8');
}

function channelsLast({ data, shape }: Tensor<'uint8'>): Tensor<'uint8'> {
  const [n = 0, c = 0, h = 0, w = 0] = shape;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < out.length; i++) {
    const pixel = Math.floor(i / c) % (h * w);
    out[i] = data[(Math.floor(i / (c * h * w)) * c + (i % c)) * h * w + pixel] as number;
  }
  return tensor(out, [n, h, w, c], 'uint8');
}

function png(images: Tensor<'uint8'>, n: number): Promise<Uint8Array> {
  const { data } = channelsLast(images);
  const one = 3 * size * size;
  return encodePng({ height: size, width: size, channels: 3, data: data.slice(n * one, (n + 1) * one) });
}
