import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { competitionHeader } from '../src/data/labels.ts';
import type { AttackResult } from '../src/judge/index.ts';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import type { NamedAttackResult } from '../src/report/index.ts';
import { openWorld } from './cli-world.ts';

let world: Awaited<ReturnType<typeof openWorld>>;

const at = (...parts: string[]) => path.join(world.folder, ...parts);

beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
  // Image i shows quadrant i % 4.
  for (const i of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const folder = at('quadrants', 'abcd'[i % 4] as string);
    mkdirSync(folder, { recursive: true });
    cpSync(at('images', `im0${i}.png`), path.join(folder, `im0${i}.png`));
  }
  writeFileSync(at('turned.txt'), 'b\na\nc\nd\n');
  writeFileSync(at('five.txt'), 'a\nb\nc\nd\ne\n');
  // Two grey images of height and width 8, bright in the quadrants at the upper left and the lower right.
  const grey = [0, 3].flatMap((quadrant) =>
    Array.from({ length: 64 }, (_, i) =>
      2 * Math.floor(i / 32) + Math.floor((i % 8) / 4) === quadrant ? 220 : 30,
    ),
  );
  mkdirSync(at('idx'));
  writeFileSync(
    at('idx', 'small-images-idx3-ubyte'),
    Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8, ...grey]),
  );
  writeFileSync(at('idx', 'small-labels-idx1-ubyte'), Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 1, 4]));
  // The mean of each quadrant; the sidecar counts the classes from 1, as the labels do.
  const b = new GraphBuilder(undefined, { name: 'means' });
  const pooled = b.op('AveragePool', [b.input('x', 'float32', ['N', 1, 8, 8])], {
    kernel_shape: [4, 4],
    strides: [4, 4],
  });
  b.output(b.op('Flatten', [pooled], { axis: 1 }), 'logits');
  writeFileSync(at('means.onnx'), writeModel(b.finish()));
  const sidecar = {
    input: { name: 'x', height: 8, width: 8, channels: 'GRAY' },
    preprocessing: { mean: [0], std: [1] },
    output: { name: 'logits', classes: 4 },
    labels: { offset: 1 },
  };
  writeFileSync(at('means.json'), JSON.stringify(sidecar));
  mkdirSync(at('cifar'));
  writeFileSync(at('cifar', 'test_batch.bin'), new Uint8Array(3073 * 2));
});

afterAll(() => world.close());

const noop = '--attack noop --epsilon 8/255 --hosts 1';

test('datasets that hold their labels need no --labels', async () => {
  const ended = await world.all([
    `attack quad.onnx --images quadrants ${noop} --json --save saved`,
    `attack from-1.onnx --images quadrants --labels turned.txt --limit 5 ${noop} --json --goal targeted --targets next`,
    `attack means.onnx --images idx/small-images-idx3-ubyte ${noop} --json`,
  ]);
  expect(ended.map(({ err, code }) => `${code}${err}`)).toEqual(['0', '0', '0']);
  const said = ended.map(({ out }) =>
    (JSON.parse(out) as AttackResult).samples
      .map(
        ({ id, label, target, clean }) =>
          `${id} ${label}${target === undefined ? '' : `>${target}`}=${clean}`,
      )
      .join(', '),
  );
  expect(said).toEqual([
    'a/im00 0=0, b/im01 1=1, c/im02 2=2, d/im03 3=3, a/im04 0=0, b/im05 1=1, c/im06 2=2, d/im07 3=3',
    // The list turns the first two classes, and counts from 0 whatever the sidecar says.
    'b/im01 0>1=1, a/im00 1>2=0, c/im02 2>3=2, d/im03 3>0=3, b/im05 0>1=1',
    // Labels of an idx file are counted as the sidecar counts them.
    '0 1=1, 1 4=4',
  ]);
  expect(readdirSync(path.join(world.folder, 'saved', 'c'))).toEqual(['im02.png', 'im06.png']);
});

test('names of classes are told by the numbers of the labels', async () => {
  // The competition's form, with a card whose labels begin at 5.
  mkdirSync(at('carded'));
  for (const name of ['im00', 'im01']) cpSync(at('images', `${name}.png`), at('carded', `${name}.png`));
  const row = (id: string, label: number): string => `${id},,0,0,1,1,${label},8,,,,\n`;
  writeFileSync(at('carded', 'dataset.csv'), `${competitionHeader}\n${row('im00', 5)}${row('im01', 6)}`);
  const card = { name: 'carded', offset: 5, classes: ['stop', 'yield', 'turn', 'keep'] };
  writeFileSync(at('carded', 'dataset.json'), JSON.stringify(card));
  const said = await world.all([
    `attack quad.onnx --images quadrants ${noop} --json`,
    `attack from-1.onnx --images quadrants --labels turned.txt ${noop} --json`,
    `attack quad.onnx --images carded ${noop} --json`,
    `attack quad.onnx --images images --labels labels.csv ${noop} --json`,
    `attack quad.onnx --images carded ${noop} --report named.html`,
  ]);
  expect(said.map(({ err, code }) => `${code}${err}`)).toEqual(said.map(() => '0'));
  const [folders, turned, carded, unknown] = said
    .slice(0, 4)
    .map(({ out }) => JSON.parse(out) as NamedAttackResult);
  expect(folders?.classNames).toEqual({ 0: 'a', 1: 'b', 2: 'c', 3: 'd' });
  expect(turned?.classNames).toEqual({ 0: 'b', 1: 'a', 2: 'c', 3: 'd' });
  expect(carded?.classNames).toEqual({ 5: 'stop', 6: 'yield', 7: 'turn', 8: 'keep' });
  expect(carded?.samples.map((s) => s.label)).toEqual([5, 6]);
  expect(Object.keys(carded ?? {}).slice(-2)).toEqual(['classNames', 'samples']);
  expect(unknown).not.toHaveProperty('classNames');
  expect(readFileSync(at('named.html'), 'utf8')).toContain('true class 6 yield');
});

test('what does not fit is told', async () => {
  const lines = [
    `attack quad.onnx --images images ${noop}`,
    `attack quad.onnx --images quadrants --labels five.txt ${noop}`,
    `attack quad.onnx --images cifar ${noop}`,
    `attack quad.onnx --images batch.npy --labels labels.npy --size 4 ${noop}`,
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ attack quad.onnx --images images --attack noop --epsilon 8/255 --hosts 1
    error LABEL_MISSING  images: The images have no labels.
      fix: Give a file of them with --labels.
    = 2

    $ attack quad.onnx --images quadrants --labels five.txt --attack noop --epsilon 8/255 --hosts 1
    error CLASSES_DIFFER  quadrants: The dataset has 5 classes, quad answers with 4.
      fix: Use a model of this dataset, or name all its classes: class folders take a list with --labels.
    = 2

    $ attack quad.onnx --images cifar --attack noop --epsilon 8/255 --hosts 1
    error CLASSES_DIFFER  cifar: The dataset has 10 classes, quad answers with 4.
      fix: Use a model of this dataset, or name all its classes: class folders take a list with --labels.
    = 2

    $ attack quad.onnx --images batch.npy --labels labels.npy --size 4 --attack noop --epsilon 8/255 --hosts 1
    error OPTION_CONFLICT  batch.npy: The option size means nothing for a batch in one file.
      fix: Leave out size.
    = 2
    "
  `);
});
