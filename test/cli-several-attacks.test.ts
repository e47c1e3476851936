import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { network, openWorld, sidecar, withoutCatalog } from './cli-world.ts';

/** Several attacks in one command: a table of those that can run, the others with the reason. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
});
afterAll(() => world.close());

const images = 'attack quad.onnx --images images --labels labels.csv --hosts 1';

interface Several {
  results: { attack: string; norm: string; epsilon: number; robustAccuracy: number; options: object }[];
  left: { attack: string; code: string; reason: string }[];
}

async function several(words: string): Promise<Several> {
  const [ended] = await world.all([`${images} ${words} --json`]);
  expect([ended?.err, ended?.code]).toEqual(['', 0]);
  return JSON.parse(ended?.out ?? '') as Several;
}

test('each is run as alone, with its options in the short form', async () => {
  const { results, left } = await several('--attack fgsm --attack pgd:steps=3 --epsilon 4/255,8/255');
  expect(results.map((r) => [r.attack, r.epsilon])).toEqual([
    ['fgsm', 4 / 255],
    ['fgsm', 8 / 255],
    ['pgd', 4 / 255],
    ['pgd', 8 / 255],
  ]);
  expect(left).toEqual([]);
  const [alone] = await world.all([`${images} --attack pgd --steps 3 --epsilon 8/255 --json`]);
  expect({ ...results[3], seconds: 0 }).toEqual({ ...JSON.parse(alone?.out ?? ''), seconds: 0 });
});

test('a radius means the same for all: what has another norm is left out, with the reason', async () => {
  const { results, left } = await several('--attack ddn --attack fgsm --attack sticker --epsilon 8/255');
  expect(results.map((r) => r.attack)).toEqual(['fgsm']);
  expect(left).toEqual([
    { attack: 'ddn', code: 'ATTACK_NORM', reason: 'The attack ddn does not work in linf.' },
    { attack: 'sticker', code: 'REGION', reason: 'The attack sticker works in a region of the image.' },
  ]);
  const free = await several('--attack ddn:steps=5 --attack fgsm');
  expect([free.results.map((r) => r.norm), free.left.map((l) => l.code)]).toEqual([['l2'], ['EPSILON']]);
});

test('all takes every attack but those that ask nothing', async () => {
  const words = '--attack all --epsilon 0.5 --norm l1 --limit 2';
  const { results, left } = await several(words);
  const names = [...results, ...left].map((r) => r.attack);
  expect(names).toEqual(
    expect.arrayContaining(['bim', 'fgsm', 'pgd', 'square', 'ti-fgsm', 'pgd-then-square']),
  );
  expect(names).not.toContain('noop');
  expect(results.every((r) => r.norm === 'l1')).toBe(true);
  expect(left.find((l) => l.attack === 'bim')?.reason).toBe('The attack bim does not work in l1.');
});

test('a model of few classes leaves out what needs more', async () => {
  const files = {
    'pair.onnx': network({ columns: 2 }),
    'pair.json': sidecar('pair', { classes: 2 }),
    'pairs.csv': [
      'id,label',
      ...Array.from({ length: 12 }, (_, i) => `im${String(i).padStart(2, '0')},${i % 2}`),
    ].join('\n'),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(world.folder, name), content);
  const [ended] = await world.all([
    `${images.replace('quad', 'pair').replace('labels.csv', 'pairs.csv')} --attack apgd:loss=dlr --attack fgsm --epsilon 8/255 --json`,
  ]);
  const { results, left } = JSON.parse(ended?.out ?? '') as Several;
  expect(results.map((r) => r.attack)).toEqual(['fgsm']);
  expect(left.map((l) => [l.attack, l.code])).toEqual([['apgd', 'CLASSES']]);
});

test('the table: the strongest first, what all leave together, who is left out', async () => {
  const told = await world.tell([
    `${images} --attack random-noise --attack fgsm --attack ddn --epsilon 64/255`,
  ]);
  expect(told.replaceAll(/ +\d+(?:\.\d+)? s$|─+/gm, '')).toMatchInlineSnapshot(`
    "$ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack random-noise --attack fgsm --attack ddn --epsilon 64/255
    2 attacks against quad
    12 images within linf 64/255, 91.7 % (64.6–98.5) right when clean

    attack           robust accuracy   fooled  median distance  gradients  questions     time

    fgsm            0.0 % (0.0–24.2)  100.0 %         64.0/255         12          0
    random-noise  83.3 % (55.2–95.3)    9.1 %         64.0/255          0          0

    All of them together within linf 64/255 leave 0.0 % (0.0–24.2) right.

    left out: ddn: The attack ddn does not work in linf.
    = 0
    "
  `);
});

test('what only one can have is refused', async () => {
  const fgsmPgd = `${images} --attack fgsm --attack pgd`;
  const told = await world.tell([
    `${fgsmPgd} --epsilon 8/255 --save out`,
    `${fgsmPgd} --epsilon 8/255 --report r.html`,
    `${fgsmPgd} --epsilon 8/255 --steps 3`,
    fgsmPgd,
    `${images} --attack all --attack fgsm --epsilon 8/255`,
    `${images} --attack fgsm --attack nothing --epsilon 8/255`,
  ]);
  expect(withoutCatalog(told)).toMatchInlineSnapshot(`
    "$ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack fgsm --attack pgd --epsilon 8/255 --save out
    error OPTION_CONFLICT  --save is of one attack, and there are several.
      fix: Leave it out, or run the one that you want to see again alone.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack fgsm --attack pgd --epsilon 8/255 --report r.html
    error OPTION_CONFLICT  --report is of one attack, and there are several.
      fix: Leave it out, or run the one that you want to see again alone.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack fgsm --attack pgd --epsilon 8/255 --steps 3
    error OPTION_CONFLICT  --steps is of one attack, and there are several.
      fix: Write it behind the name that it belongs to: --attack pgd:steps=VALUE.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack fgsm --attack pgd
    error EPSILON  fgsm: None of 2 attacks can run so. The attack fgsm works inside a radius, and none is given.
      fix: Name other attacks, or give what they ask for: another --norm or --goal, or an --epsilon.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack all --attack fgsm --epsilon 8/255
    error OPTION_CONFLICT  --attack all has every attack already.
      fix: Leave the others out.
    = 2

    $ attack quad.onnx --images images --labels labels.csv --hosts 1 --attack fgsm --attack nothing --epsilon 8/255
    error UNKNOWN_NAME  Unknown attack "nothing". Choose one of: (names).
    = 2
    "
  `);
});
