import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePng } from '../src/data/index.ts';
import { asked, loadModel } from '../src/models/index.ts';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { randomOf, tensor } from '../src/tensor/index.ts';

/** A tournament small enough for tests: 8x8 images, networks of one convolution, all made of random numbers. */

const random = randomOf(1, 'test');
export const classes = 10;
const count = 24;

/** What is done to a tensor of a network on its way. */
type Change = (b: GraphBuilder, tensor: string) => string;

/**
 * Networks that agree on most images: each is the same with other noise on it, by its name.
 * @param changes of the pixels, of the feature maps, of the logits
 */
export function smallNetwork(
  name: string,
  changes: { pixels?: Change; maps?: Change; logits?: Change } = {},
): Uint8Array {
  const weights = (shape: number[], purpose: string): Float32Array => {
    const out = new Float32Array(shape.reduce((a, d) => a * d, 1));
    const own = new Float32Array(out.length);
    random.stream('', purpose).fillNormal(out, 0, 1 / Math.sqrt(out.length / (shape[0] as number)));
    random.stream(name, purpose).fillNormal(own, 0, 0.3 / Math.sqrt(out.length / (shape[0] as number)));
    return out.map((w, i) => w + (own[i] as number));
  };
  const b = new GraphBuilder(undefined, { name });
  const changed = (tensor: string, change: Change = (_, same) => same): string => change(b, tensor);
  const x = changed(b.input('pixels', 'float32', ['N', 3, 8, 8]), changes.pixels);
  const kernel = b.constant(tensor(weights([8, 3, 3, 3], 'kernel'), [8, 3, 3, 3]), 'kernel');
  const maps = changed(b.op('Relu', [b.op('Conv', [x, kernel], { pads: [1, 1, 1, 1] })]), changes.maps);
  const head = b.constant(tensor(weights([512, classes], 'head'), [512, classes]), 'head');
  const logits = b.op('MatMul', [b.op('Flatten', [maps], { axis: 1 }), head]);
  b.output(changed(logits, changes.logits), 'scores');
  return writeModel(b.finish());
}

/** Writes a network and its sidecar. @returns the path of the network */
export async function writeSmall(
  folder: string,
  name: string,
  network: Uint8Array = smallNetwork(name),
  preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  kind = 'logits',
): Promise<string> {
  const sidecar = {
    name,
    input: { name: 'pixels', height: 8, width: 8, channels: 'RGB' },
    preprocessing,
    output: { name: 'scores', kind, classes },
  };
  await writeFile(join(folder, `${name}.onnx`), network);
  await writeFile(join(folder, `${name}.json`), JSON.stringify(sidecar));
  return join(folder, `${name}.onnx`);
}

export const smallRules = `
name: small
seed: 7
dataset: { images: images, labels: images/labels.csv }
epsilons: [8/255, 0.0625]
batch: { size: 8, seconds: 60 }
models:
  one: one.onnx
  two: two.onnx
  both: { ensemble: [one, two] }
attacks:
  noise: { attack: random-noise, baseline: true }
  fgsm-one: { attack: fgsm, sources: one }
  mi-both: { attack: mi-fgsm, sources: both, goal: targeted, options: { steps: 3 } }
defenses:
  plain: { model: one }
  coarse: { model: two, chain: [{ name: bit-depth, options: { bits: 3 } }] }
comparisons:
  - { title: gradients beat noise, above: [fgsm-one], below: [noise], on: [plain] }
examples: 3
`;

/** Writes models, images, labels and rules into a folder. @returns the path of the rules */
export async function makeSmallArena(folder: string, rules = smallRules): Promise<string> {
  await mkdir(join(folder, 'images'), { recursive: true });
  for (const name of ['one', 'two']) await writeSmall(folder, name);
  const pixels = new Float32Array(count * 192);
  for (let n = 0; n < count; n++) {
    const stream = random.stream(`image ${n}`, 'pixels');
    const data = Uint8Array.from({ length: 192 }, () => stream.integer(256));
    for (let c = 0; c < 3; c++)
      for (let i = 0; i < 64; i++) pixels[n * 192 + c * 64 + i] = (data[i * 3 + c] as number) / 255;
    const png = await encodePng({ height: 8, width: 8, channels: 3, data });
    await writeFile(join(folder, 'images', `img${String(n).padStart(2, '0')}.png`), png);
  }
  const ids = Array.from({ length: count }, (_, n) => `img${String(n).padStart(2, '0')}`);
  const model = await loadModel(join(folder, 'one.onnx'));
  const { classes: answers } = await model.answers(asked(tensor(pixels, [count, 3, 8, 8]), ids));
  await model.release();
  // The first network is right on all but two images.
  const labels = [...answers].map((a, n) => (n % 12 === 5 ? (a + 3) % classes : a));
  await writeFile(
    join(folder, 'images', 'labels.csv'),
    [
      'id,label,target',
      ...ids.map((id, n) => `${id},${labels[n]},${((labels[n] as number) + 1) % classes}`),
    ].join('\n'),
  );
  const file = join(folder, 'rules.yaml');
  await writeFile(file, rules);
  return file;
}
