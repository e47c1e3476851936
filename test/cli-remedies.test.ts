import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng } from '../src/data/index.ts';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { openWorld, sidecar } from './cli-world.ts';
import { drawn } from './differences.ts';

/** Remedies that are commands or flags, typed in as they stand, where they were told. */

let world: Awaited<ReturnType<typeof openWorld>>;

beforeAll(async () => {
  world = await openWorld();
  const write = (name: string, content: Uint8Array | string): void =>
    writeFileSync(path.join(world.folder, name), content);
  const data = new Uint8Array(64).fill(255);
  write('white.png', await encodePng({ height: 8, width: 8, channels: 1, data }));
  write('free.onnx', free());
  write('scaled.onnx', scaled());
  write('scaled.json', sidecar('scaled', { kind: 'probabilities' }));
});
afterAll(() => world.close());

/** For images of any size. */
function free(): Uint8Array {
  const b = new GraphBuilder(undefined, { name: 'free' });
  const x = b.input('pixels', 'float32', ['N', 3, 'H', 'W']);
  const maps = b.op('Conv', [x, b.constant(drawn([4, 3, 3, 3], -1, 1, 7))]);
  b.output(b.op('Flatten', [b.op('GlobalAveragePool', [maps])]), 'scores');
  return writeModel(b.finish());
}

/** With an input beside the images, and no softmax. */
function scaled(): Uint8Array {
  const b = new GraphBuilder(undefined, { name: 'scaled' });
  const rows = b.op('Flatten', [b.input('pixels', 'float32', ['N', 3, 8, 8])]);
  const scores = b.op('MatMul', [rows, b.constant(drawn([192, 4], -1, 1, 8))]);
  b.output(b.op('Mul', [scores, b.input('factor', 'float32', [])]), 'scores');
  return writeModel(b.finish());
}

/** What is told of a line, and what is typed for it: the line then has one fault less. */
interface Step {
  /** Words of the message or the remedy, in their order. */
  told: string;
  /** The same with names of the user's own, where it leaves places for them. */
  typed?: string;
  /** What they come in the place of; else they are added. */
  for?: string;
}

/** Lines with faults that are told one after the other, so that only the last line does its work. */
const chains: Record<string, Step[]> = {
  'attack quad.onnx --images sizes --labels pair.csv --hosts 1 --attack nop --epsilo zero --area much': [
    { told: 'noop', for: 'nop' },
    { told: '1/20', for: 'much' },
    { told: '--epsilon', for: '--epsilo' },
    { told: '8/255', for: 'zero', typed: '8' },
    { told: '8/255', for: '--epsilon 8', typed: '--epsilon 8/255' },
    { told: '--size 8' },
  ],
  'attack quad.onnx --images between.npy --hosts 1 --attack fgsm --defense jpeg --goal targeted': [
    { told: '--labels', typed: '--labels labels.npy' },
    { told: '--targets next' },
    { told: '--pixels float32' },
    { told: '--epsilon 8/255' },
    { told: '--through bpda' },
  ],
  'attack quad.onnx --images images --labels labels.csv --hosts 1 --attack noop --epsilon free --l0 pixels': [
    { told: '--norm l0' },
    { told: '--mask FILE', typed: '--mask white.png' },
  ],
  'attack quad.onnx --images images --labels labels.csv --hosts 1 --attack sticker:step=1 --epsilon 8/255 --queries 0 --predicted --goal targeted':
    [
      { told: 'steps', for: 'step=', typed: 'steps=' },
      { told: 'gradients=50', for: '--queries 0', typed: '--queries gradients=50' },
      { told: '--goal untargeted', for: '--goal targeted' },
      { told: '--area SHARE', typed: '--area 1/4' },
    ],
  'attack quad.onnx --images images --labels labels.csv --hosts 1 --attack prior-guided:queries=5 --source softmax.onnx --epsilon 8/255 --opponent decision --stop-early':
    [
      { told: '--queries', for: ':queries=5', typed: ' --queries 5' },
      { told: 'Leave it out', for: ' --stop-early', typed: '' },
      { told: '--opponent scores', for: '--opponent decision' },
    ],
  'attack scaled.onnx --images images --labels labels.csv --hosts 1 --attack noop --norm l0 --epsilon 0.5 --logits':
    [
      { told: '--input factor=1' },
      { told: 'Leave --logits out', for: ' --logits', typed: '' },
      { told: '5', for: '0.5' },
    ],
  'attack quad.onnx --colour': [{ told: '--help' }],
  'sidecar quad.onnx': [{ told: '--output FILE', typed: '--output new.json' }],
  'sidecar quad.onnx --json': [{ told: '--output -' }],
  'sidecar softmax.onnx': [{ told: '--force' }],
  'inspect free.onnx --gradient free-gradient.onnx --of score': [
    { told: 'scores', for: '--of score', typed: '--of scores' },
    { told: '--size 224x224' },
  ],
  'inspect free.onnx --size axb': [
    { told: '--size 224x224', for: '--size axb', typed: '--size image=8x8x8' },
    { told: '--size NAME=32x32 pixels', for: 'image', typed: 'pixels' },
    { told: '--size 32x32', for: 'pixels=8x8x8', typed: '32x32' },
  ],
  'inspect quad.onnx --size 8': [{ told: 'Leave --size out', for: ' --size 8', typed: '' }],
  'gradient product.onnx --output g.npy --input a=a.npy --input c=b.npy': [
    { told: '--cotangent c.npy', typed: '--cotangent twos.npy' },
    { told: '--input NAME=FILE a, b', for: 'c=', typed: 'b=' },
    { told: '--wrt a' },
  ],
  'gradient product.onnx --output g.npy --wrt a --input a=a.npy --labels y.npy': [
    { told: '--cotangent', for: '--labels y.npy', typed: '--cotangent twos.npy' },
    { told: '--input b=FILE', typed: '--input b=b.npy' },
  ],
};

/** Whether words are told, each as it is, in their order. */
function tells(said: string, words: readonly string[]): boolean {
  let at = 0;
  for (const word of words) {
    const own = new RegExp(`(?<![\\w/-])${RegExp.escape(word)}(?![\\w/-])`, 'g');
    own.lastIndex = at;
    if (!own.test(said)) return false;
    at = own.lastIndex;
  }
  return true;
}

/** The line with what is typed for a fault of it. */
function mended(line: string, { told, typed = told, for: place }: Step): string {
  if (place === undefined) return `${line} ${typed}`;
  const [before, after, ...more] = line.split(place);
  if (after === undefined || more.length > 0) throw new Error(`"${place}" must stand once in ${line}`);
  return before + typed + after;
}

test('each does away with what it is told of', async () => {
  const walks = Object.entries(chains).map(([line, steps]) =>
    steps.reduce((lines, step) => [...lines, mended(lines.at(-1) as string, step)], [line]),
  );
  const ended = await world.all(walks.flat());
  const found: Record<string, readonly string[]> = {};
  const wanted: typeof found = {};
  for (const [i, steps] of Object.values(chains).entries()) {
    const [line = '', ...more] = walks[i] as string[];
    const said = ended.splice(0, 1 + more.length);
    found[line] = said.map(({ err, code }, k) => {
      const told = steps[k]?.told;
      if (told === undefined) return code === 0 ? 'done' : err;
      return code === 2 && tells(err, told.split(' ')) && err !== said[k + 1]?.err ? told : err;
    });
    wanted[line] = [...steps.map(({ told }) => told), 'done'];
  }
  expect(found).toEqual(wanted);
});
