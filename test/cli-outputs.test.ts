import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ended, hostsOf, openWorld } from './cli-world.ts';

/** Nothing that a command reads is lost, and no work is done whose result cannot be written. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
  symlinkSync('images', path.join(world.folder, 'same'));
  mkdirSync(path.join(world.folder, 'sub'));
});
afterAll(() => world.close());

const images = '--images images --labels labels.csv --epsilon 8/255 --hosts 1';

/** All files with their content. */
function content(): Map<string, string> {
  const names = readdirSync(world.folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((e) => path.join(e.parentPath, e.name));
  return new Map(files.map((file) => [file, readFileSync(file, 'latin1')]));
}

test('an input is never overwritten', async () => {
  const before = content();
  const lines = [
    ['--save images', 'images/im00.png'],
    ['--save same', 'same/im00.png'],
    ['--save sub/../images', 'images/im00.png'],
    ['--report labels.csv', 'labels.csv'],
    ['--report quad.json', 'quad.json'],
    ['--source bare.onnx --report bare.onnx', 'bare.onnx'],
  ].map(([flags, where]) => [`attack quad.onnx ${images} --attack noop ${flags}`, where]);
  lines.push(
    ['inspect quad.onnx --gradient quad.onnx', 'quad.onnx'],
    [
      'gradient product.onnx --input a=a.npy --input b=b.npy --cotangent twos.npy --wrt a --output b.npy',
      'b.npy',
    ],
    [
      'gradient product.onnx --input a=a.npy --input b=b.npy --cotangent twos.npy --wrt a --output twos.npy',
      'twos.npy',
    ],
  );
  const said = await world.all(lines.map(([line]) => line as string));
  expect(said).toEqual(
    lines.map(([, where]) => ({
      out: '',
      err: `error OUTPUT_IS_INPUT  ${where}: This file is read, and would be overwritten.\n  fix: Write to another place.\n`,
      code: 2,
    })),
  );
  expect(content()).toEqual(before);
});

test('a tournament spares its inputs in its own folder', async () => {
  const scores = path.join(world.folder, 'held', 'scores');
  mkdirSync(scores, { recursive: true });
  const labels = readFileSync(path.join(world.folder, 'labels.csv'), 'utf8').replaceAll(
    /,\d+$|,target$/gm,
    '',
  );
  writeFileSync(path.join(scores, 'matrix.csv'), labels);
  writeFileSync(path.join(world.folder, 'held', 'run.json'), '{}');
  const rules = {
    name: 'n',
    seed: 1,
    dataset: { images: 'images', labels: 'held/scores/matrix.csv' },
    epsilons: ['8/255'],
    models: { quad: 'quad.onnx' },
    attacks: { noop: { attack: 'noop' } },
    defenses: { quad: { model: 'quad' } },
  };
  writeFileSync(path.join(world.folder, 'own.yaml'), JSON.stringify(rules));
  expect(await world.tell(['tournament run own.yaml --out held'])).toBe(
    `$ tournament run own.yaml --out held
error OUTPUT_IS_INPUT  held/scores/matrix.csv: This file is read, and would be overwritten.
  fix: Write to another place.
= 2
`,
  );
  expect(readFileSync(path.join(scores, 'matrix.csv'), 'utf8')).toBe(labels);
});

test('no two outputs go to one path', async () => {
  const before = content();
  const attack = `attack quad.onnx ${images} --attack noop`;
  const lines = [
    [`${attack} --save sub --report sub/im03.png`, 'sub/im03.png'],
    [`${attack} --save sub/../both --report both/../both`, 'sub/../both'],
    [`${attack} --save both --report both`, 'both'],
    [`${attack} --save both/deeper --report both`, 'both/deeper'],
    ['zoo measure any --out both --work both', 'both'],
  ];
  const said = await world.all(lines.map(([line]) => line as string));
  expect(said).toEqual(
    lines.map(([, where]) => ({
      out: '',
      err: `error OUTPUT_TWICE  ${where}: Two outputs would be written to this one path.\n  fix: Give each a path of its own.\n`,
      code: 2,
    })),
  );
  expect(content()).toEqual(before);
});

test('images are not saved beside those of another attack', async () => {
  const attack = `attack quad.onnx ${images} --attack noop --json`;
  const some = await world.all([`${attack} --limit 2 --save shared`]);
  // The same names again, and more of them.
  const again = await world.all([`${attack} --limit 2 --save shared`, `${attack} --limit 3 --save shared`]);
  expect([...some, ...again].map(({ code }) => code)).toEqual([0, 0, 0]);
  const before = content();
  expect(
    await world.tell([
      `${attack.replace(' --json', '')} --limit 1 --save shared`,
      `${attack.replace(' --json', '')} --limit 2 --save shared/ --pixels float32`,
    ]),
  ).toMatchInlineSnapshot(`
    "$ attack quad.onnx --images images --labels labels.csv --epsilon 8/255 --hosts 1 --attack noop --limit 1 --save shared
    error OUTPUT_EXISTS  shared/im01.png: This image is there already and would stay, and 1 more beside: it would look like one of this attack.
      fix: Give --save another folder, or empty this one.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --epsilon 8/255 --hosts 1 --attack noop --limit 2 --save shared/ --pixels float32
    error OUTPUT_EXISTS  shared/im00.png: This image is there already and would stay, and 2 more beside: it would look like one of this attack.
      fix: Give --save another folder, or empty this one.
    = 2
    "
  `);
  expect(content()).toEqual(before);
});

test('a tournament settles in no folder of other things', async () => {
  const rules = {
    name: 'n',
    seed: 1,
    dataset: { images: 'images', labels: 'labels.csv' },
    epsilons: ['8/255'],
    models: { quad: 'quad.onnx' },
    attacks: { noop: { attack: 'noop' } },
    defenses: { quad: { model: 'quad' } },
  };
  writeFileSync(path.join(world.folder, 'settle.yaml'), JSON.stringify(rules));
  mkdirSync(path.join(world.folder, 'mine', 'scores'), { recursive: true });
  writeFileSync(path.join(world.folder, 'mine', 'scores', 'matrix.csv'), 'mine');
  mkdirSync(path.join(world.folder, 'other'));
  writeFileSync(path.join(world.folder, 'other', 'run.json'), '{"mine": 1}');
  const before = content();
  expect(
    await world.tell([
      'tournament run settle.yaml --out images',
      'tournament run settle.yaml --out mine',
      'tournament run settle.yaml --out other',
    ]),
  ).toMatchInlineSnapshot(`
    "$ tournament run settle.yaml --out images
    error OUTPUT_EXISTS  images: This folder is of no run: it holds "im00.png" and 11 more.
      fix: Give --out a folder that is empty or not there yet, or one in which this tournament was begun.
    = 2

    $ tournament run settle.yaml --out mine
    error OUTPUT_EXISTS  mine: This folder is of no run: it holds "scores".
      fix: Give --out a folder that is empty or not there yet, or one in which this tournament was begun.
    = 2

    $ tournament run settle.yaml --out other
    error RUN_DIFFERS  other/run.json: The run in this folder is another one: format was absent, is 3; rules was absent, is {"attacks":[{"attack":"noop","baseline":false,"goal":"untar…; dataset was absent, is {"channels":3,"classes":4,"height":8,"images":[{"id":"im00"…; and 2 more.
      fix: Choose another folder with --out, or go back to what the folder was begun with.
    = 2
    "
  `);
  expect(content()).toEqual(before);
  expect(readdirSync(path.join(world.folder, 'other'))).toEqual(['run.json']);
  // Stopped while it rendered, before it had a run.json; and what systems leave in folders.
  mkdirSync(path.join(world.folder, 'begun', 'steps'), { recursive: true });
  writeFileSync(path.join(world.folder, 'begun', '.hidden'), '');
  const [begun] = await world.all(['tournament run settle.yaml --out begun --json']);
  expect(begun).toMatchObject({ code: 0 });
});

test('places that cannot be written are found out before anything is read', async () => {
  const lines = [
    `attack gone.onnx ${images} --attack noop --report nowhere/a.html`,
    `attack gone.onnx ${images} --attack noop --report sub`,
    `attack gone.onnx ${images} --attack noop --save labels.csv`,
    'inspect gone.onnx --gradient nowhere/a.onnx',
    'gradient gone.onnx --input a.npy --labels b.npy --output nowhere/a.npy',
    'tournament run gone.yaml --out labels.csv',
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ attack gone.onnx --images images --labels labels.csv --epsilon 8/255 --hosts 1 --attack noop --report nowhere/a.html
    error OUTPUT_UNWRITABLE  nowhere/a.html: The folder to write into does not exist.
      fix: Make the folder first.
    = 2

    $ attack gone.onnx --images images --labels labels.csv --epsilon 8/255 --hosts 1 --attack noop --report sub
    error OUTPUT_UNWRITABLE  sub: A folder has the name of this file.
      fix: Choose another place, or move that folder.
    = 2

    $ attack gone.onnx --images images --labels labels.csv --epsilon 8/255 --hosts 1 --attack noop --save labels.csv
    error OUTPUT_UNWRITABLE  labels.csv: A file has the name of this folder.
      fix: Choose another place, or move that file.
    = 2

    $ inspect gone.onnx --gradient nowhere/a.onnx
    error OUTPUT_UNWRITABLE  nowhere/a.onnx: The folder to write into does not exist.
      fix: Make the folder first.
    = 2

    $ gradient gone.onnx --input a.npy --labels b.npy --output nowhere/a.npy
    error OUTPUT_UNWRITABLE  nowhere/a.npy: The folder to write into does not exist.
      fix: Make the folder first.
    = 2

    $ tournament run gone.yaml --out labels.csv
    error OUTPUT_UNWRITABLE  labels.csv: A file has the name of this folder.
      fix: Choose another place, or move that file.
    = 2
    "
  `);
});

test.runIf(existsSync('/proc/self/task'))(
  'what cannot be written after all is told after the result',
  async () => {
    const folder = path.join(world.folder, 'late');
    mkdirSync(folder);
    const flags = '--attack pgd --steps 3000 --limit 2 --report late/report.html --json';
    const child = world.start(...`attack quad.onnx ${images} ${flags}`.split(' '));
    const end = ended(child);
    while (hostsOf(child.pid as number).length === 0) await sleep(20);
    rmSync(folder, { recursive: true });
    const { out, err, code } = await end;
    expect(JSON.parse(out)).toMatchObject({ attack: 'pgd' });
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'OUTPUT_UNWRITABLE', where: 'late/report.html' },
    });
    expect(code).toBe(2);
  },
);
