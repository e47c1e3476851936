import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePng, encodePng } from '../src/data/index.ts';
import { GraphBuilder, readModel, writeModel } from '../src/onnx/index.ts';
import type { NamedAttackResult } from '../src/report/index.ts';
import { tensor, writeNpy } from '../src/tensor/index.ts';
import { printedBy, resultsOf } from './cli-printed.ts';
import { network, openWorld, sidecar } from './cli-world.ts';
import { readText } from './sources.ts';

/** What limits, sources, budgets and draws do, from outside. Bad input: cli-attack-errors.test.ts. */

let world: Awaited<ReturnType<typeof openWorld>>;
const at = (...parts: string[]): string => path.join(world.folder, ...parts);

/** The upper half of the image. */
const upper = Uint8Array.from({ length: 64 }, (_, i) => Number(i < 32));

beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
  writeFileSync(at('other.onnx'), network({ seed: 6 }));
  writeFileSync(at('other.json'), sidecar('other'));
  writeFileSync(at('guarded.onnx'), network({ doubt: 3.3 }));
  const guarded = JSON.parse(sidecar('guarded')) as object;
  writeFileSync(at('guarded.json'), JSON.stringify({ ...guarded, outputs: { reject: 'doubt' } }));
  const white = upper.map((v) => v * 255);
  const mask = await encodePng({ height: 8, width: 8, channels: 1, data: white });
  writeFileSync(at('mask.png'), mask);
  mkdirSync(at('masks'));
  for (const name of readdirSync(at('images'))) writeFileSync(at('masks', name), mask);
  writeFileSync(at('mask.npy'), writeNpy(tensor(upper, [8, 8], 'uint8')));
  const each = new Uint8Array(12 * 64);
  for (let i = 0; i < 12; i++) each.set(upper, i * 64);
  writeFileSync(at('masks.npy'), writeNpy(tensor(each, [12, 1, 8, 8], 'bool')));
  // The same images by their classes, which so have names.
  for (const name of readdirSync(at('images'))) {
    const folder = at('quadrants', 'abcd'[Number(name.slice(2, 4)) % 4] as string);
    mkdirSync(folder, { recursive: true });
    cpSync(at('images', name), path.join(folder, name));
  }
});
afterAll(() => world.close());

const images = '--images images --labels labels.csv --hosts 1';

/** A rule under a head is as long as a table is wide, which depends on the seconds. */
const withoutRules = (text: string): string => text.replaceAll(/─+/g, '─');

test('what a graph reads beside the images is given to whichever model has it', async () => {
  const b = new GraphBuilder(readModel(network()));
  const scores = b.op('Mul', [b.nodes.at(-1)?.outputs[0], b.input('scale', 'float32', [])]);
  b.input('unused', 'bool', []);
  b.setOutputs([scores]);
  writeFileSync(at('scaled.onnx'), writeModel(b.finish()));
  writeFileSync(at('two.npy'), writeNpy(tensor(Float64Array.of(2), [], 'float64')));
  const rest = `${images} --attack fgsm --epsilon 8/255`;
  const clean = rest.replace('fgsm', 'noop');
  const [plain, half, two, attacked, source, both] = (await resultsOf(world, [
    `quad.onnx ${clean}`,
    `scaled.onnx ${clean} --input scale=0.5`,
    `scaled.onnx ${clean.replace('--hosts 1', '--hosts 2')} --input scale=two.npy --input unused=true`,
    `quad.onnx ${rest}`,
    `quad.onnx ${rest} --source scaled.onnx --input scale=1`,
    `scaled.onnx ${rest} --source scaled.onnx --source quad.onnx --input scale=1`,
  ])) as [NamedAttackResult, ...NamedAttackResult[]];
  const margins = (of: NamedAttackResult | undefined): number[] => of?.samples.map((s) => s.margin) ?? [];
  expect(margins(half)).toEqual(margins(plain).map((m) => m / 2));
  expect(margins(two)).toEqual(margins(plain).map((m) => m * 2));
  expect(margins(source)).toEqual(margins(attacked));
  expect(both?.samples).toHaveLength(12);
  expect(two?.flags.find((f) => f.code === 'INPUT_GIVEN')?.message).toBe(
    'scaled is given scale = two.npy, unused = true beside the images.',
  );
  expect(plain.flags).toEqual([]);
});

/** Places of the pixels in which an image differs from the clean one of its name. */
async function changed(file: string): Promise<number[]> {
  const [before, after] = await Promise.all(
    [at('images', path.basename(file)), at(file)].map((f) => decodePng(readFileSync(f), f)),
  );
  const places = [...(before?.data.keys() ?? [])].filter((i) => before?.data[i] !== after?.data[i]);
  return [...new Set(places.map((i) => Math.floor(i / 3)))];
}

describe('radii', () => {
  const several = `attack quad.onnx ${images} --attack pgd:steps=5 --epsilon 8/255,24/255`;

  test('several give a table, a folder each and a part each of the report', async () => {
    const [out = ''] = await printedBy(world, [`${several} --save radii --report radii.html`]);
    expect(withoutRules(out)).toMatchInlineSnapshot(`
      "pgd against quad
      untargeted, 12 images, 8-bit pixels
      steps 5, restarts 1, randomStart true, loss cross-entropy, sparsity 0.99

      clean accuracy  91.7 % (64.6–98.5), 11 of 12 images

      radius          robust accuracy  fooled  cost
      ─
      linf 8/255   91.7 % (64.6–98.5)   0.0 %  (seconds), 60 gradients, 12 answers with scores
      linf 24/255    8.3 % (1.5–35.4)  90.9 %  (seconds), 60 gradients, 12 answers with scores
      "
    `);
    expect(readdirSync(at('radii'))).toEqual(['24-255', '8-255']);
    expect(readdirSync(at('radii', '8-255'))).toEqual(readdirSync(at('images')));
    const page = readFileSync(at('radii.html'), 'utf8');
    for (const radius of ['8/255', '24/255']) expect(page).toContain(`<h2>L∞ ≤ ${radius}</h2>`);
  });

  test('and a list of what each would give alone', async () => {
    const [list = '', near = '', far = ''] = await printedBy(world, [
      `${several} --json --save list`,
      `${several.replace(',24/255', '')} --json --save near`,
      `${several.replace('8/255,', '')} --json`,
    ]);
    expect(JSON.parse(list)).toEqual({ results: [JSON.parse(near), JSON.parse(far)] });
    expect(Object.keys(JSON.parse(list) as object)).toEqual(['results']);
    for (const name of readdirSync(at('images')))
      expect(readFileSync(at('near', name))).toEqual(readFileSync(at('list', '8-255', name)));
  });

  test('that agree in three digits are saved apart', async () => {
    await printedBy(world, [
      `attack quad.onnx ${images} --attack noop --norm l2 --epsilon 0.5,0.10001,0.10002 --save alike`,
      `attack quad.onnx ${images} --attack noop --norm l0 --epsilon 1,5 --save counted --pixels float32`,
    ]);
    expect(readdirSync(at('alike'))).toEqual(['0.10001', '0.10002', '0.5']);
    expect(readdirSync(at('counted'))).toEqual(['1-pixel', '5-pixels']);
    expect(readdirSync(at('counted', '5-pixels'))).toEqual(['adversarial.npy']);
  });

  test('none: an attack of minimum norm tells how far it had to go', async () => {
    const [out = '', json = '', asked = ''] = await printedBy(world, [
      `attack quad.onnx ${images} --attack ddn:steps=30`,
      `attack quad.onnx ${images} --attack ddn:steps=30 --json`,
      `attack quad.onnx ${images} --attack ddn:steps=30 --epsilon 0.5,1.5 --json`,
    ]);
    expect(withoutRules(out)).toMatchInlineSnapshot(`
      "ddn against quad
      untargeted, smallest l2 change, 8-bit pixels
      steps 30, first 1, gamma 0.05

      clean accuracy   91.7 % (64.6–98.5), 11 of 12 images
      robust accuracy  0.0 % (0.0–24.2), 0 of 12 images
      fooled           100.0 %, 11 of 11 right when clean
      cost             (seconds), 360 gradients, 12 answers with scores

      per image                  smallest  median  largest
      ─
      change, linf in 1/255           0.0    44.0     65.0
      change, l2                    0.000   0.776    1.130
      largest less second logit      0.00    0.00     1.01
      questions                        31      31       31

      within l2  robust accuracy
      ─
              0           91.7 %
          0.478           83.3 %
          0.586           75.0 %
          0.647           66.7 %
           0.73           58.3 %
          0.762           50.0 %
           0.79           41.7 %
          0.828           33.3 %
          0.945           25.0 %
          0.974           16.7 %
          0.978            8.3 %
           1.13            0.0 %
      "
    `);
    const whole = JSON.parse(json) as NamedAttackResult;
    expect([whole.norm, whole.epsilon, whole.curve?.[0]]).toEqual([
      'l2',
      null,
      { epsilon: 0, robustAccuracy: whole.cleanAccuracy },
    ]);
    const { results: judged } = JSON.parse(asked) as { results: NamedAttackResult[] };
    const share = (epsilon: number): number =>
      whole.samples.filter((s) => s.clean === s.label && s.distance > epsilon).length / 12;
    const curve = [0.5, 1.5].map((epsilon) => ({ epsilon, robustAccuracy: share(epsilon) }));
    expect(curve[0]?.robustAccuracy).toBeGreaterThan(curve[1]?.robustAccuracy ?? 1);
    expect(judged.map((r) => ({ epsilon: r.epsilon, robustAccuracy: r.robustAccuracy }))).toEqual(curve);
    for (const result of judged) expect(result.curve).toEqual(curve);
  });

  test('are counted in pixels or entries for l0', async () => {
    const found = await resultsOf(world, [
      `quad.onnx ${images} --attack noop --norm l0 --epsilon 5`,
      `quad.onnx ${images} --attack noop --norm l0 --l0 pixels --epsilon 5`,
      `quad.onnx ${images} --attack noop --norm l0 --l0 entries --epsilon 5`,
    ]);
    expect(found.map((r) => r.norm)).toEqual(['l0', 'l0', 'l0-entries']);
  });
});

describe('a region', () => {
  test('from a mask: a PNG, a folder of them, one array, one for all', async () => {
    const line = `quad.onnx ${images} --attack sticker:steps=5 --epsilon free`;
    const [first, ...others] = await resultsOf(
      world,
      ['mask.png --save stuck', 'masks', 'mask.npy', 'masks.npy'].map((mask) => `${line} --mask ${mask}`),
    );
    for (const other of others) expect(other).toEqual(first);
    expect([first?.region, first?.epsilon]).toEqual(['mask', null]);
    expect(first?.robustAccuracy).toBeLessThan(first?.cleanAccuracy ?? 0);
    for (const name of readdirSync(at('stuck'))) {
      const places = await changed(`stuck/${name}`);
      expect(places.length).toBeGreaterThan(0);
      expect(places.filter((place) => upper[place] === 0)).toEqual([]);
    }
  });

  test('holds within a radius too, and for the first of more images', async () => {
    const line = `quad.onnx ${images} --attack pgd:steps=3 --epsilon 8/255 --limit 5 --mask`;
    const [png, npy] = await resultsOf(world, [`${line} mask.png --save small`, `${line} masks.npy`]);
    expect(npy).toEqual(png);
    expect(png?.samples.map((s) => (s.linf * 255).toFixed(1))).toEqual(Array(5).fill('8.0'));
    for (const name of readdirSync(at('small')))
      expect((await changed(`small/${name}`)).filter((place) => upper[place] === 0)).toEqual([]);
  });

  test('of a share of the area: one square, wherever it serves best', async () => {
    const line = `attack quad.onnx ${images} --attack sticker:steps=5 --epsilon free --area 1/16`;
    const [out = '', json = ''] = await printedBy(world, [line, `${line} --json --save square`]);
    expect(out.split('\n')[1]).toBe(
      'untargeted, any pixels within a square of 6.25 % of the area, 8-bit pixels',
    );
    expect((JSON.parse(json) as NamedAttackResult).region).toEqual({ share: 1 / 16 });
    for (const name of readdirSync(at('square'))) {
      const places = await changed(`square/${name}`);
      const sides = [(p: number) => Math.floor(p / 8), (p: number) => p % 8].map((coordinate) => {
        const along = places.map(coordinate);
        return Math.max(...along) - Math.min(...along) + 1;
      });
      expect(Math.max(...sides)).toBeLessThanOrEqual(2);
    }
  });
});

describe('sources', () => {
  const line = `attack quad.onnx ${images} --epsilon 24/255`;

  test('one is opened in the place of the model, and told of', async () => {
    const [out = '', json = '', own = ''] = await printedBy(world, [
      `${line} --attack mi-fgsm --source other.onnx --through bpda`,
      `${line} --attack mi-fgsm --source other.onnx --json`,
      `${line} --attack mi-fgsm --json`,
    ]);
    expect(out.split('\n').slice(0, 8)).toMatchInlineSnapshot(`
      [
        "VIEW_IDLE  The view bpda changes nothing: other has no defense whose gradient it could stand for.",
        "",
        "mi-fgsm against quad",
        "untargeted, linf 24/255, 8-bit pixels",
        "steps 10, decay 1, nesterov false, neighbours 0, neighbourhood 1.5, kernel 1, loss cross-entropy",
        "source other",
        "through bpda:backward=surrogate",
        "",
      ]
    `);
    const [moved, white] = [json, own].map((text) => JSON.parse(text) as NamedAttackResult);
    expect(moved?.sources).toEqual(['other']);
    expect(white).not.toHaveProperty('sources');
    expect(moved?.samples.map((s) => s.margin)).not.toEqual(white?.samples.map((s) => s.margin));
  });

  test('several are one, or taken in turn by attacks that do', async () => {
    const sources = '--source other.onnx --source softmax.onnx';
    const [one, turn, single] = await resultsOf(world, [
      `quad.onnx ${images} --epsilon 24/255 --attack mi-fgsm:steps=4 ${sources}`,
      `quad.onnx ${images} --epsilon 24/255 --attack in-turn:steps=4 ${sources}`,
      `quad.onnx ${images} --epsilon 24/255 --attack mi-fgsm:steps=4 --source other.onnx`,
    ]);
    for (const result of [one, turn]) expect(result?.sources).toEqual(['other', 'softmax']);
    const margins = [one, turn, single].map((r) => JSON.stringify(r?.samples.map((s) => s.margin)));
    expect(new Set(margins).size).toBe(3);
    for (const result of [one, turn, single]) expect(result?.asked.gradients).toBe(4 * 12);
  });

  test('one on which the model stands makes no transfer, and a flag says so', async () => {
    const [out = ''] = await printedBy(world, [
      `${line} --attack fgsm --defense bit-depth --source quad.onnx`,
    ]);
    expect(out.split('\n\n')[0]).toMatchInlineSnapshot(
      `"SOURCE_IS_JUDGED  The attack opened quad, on which the judged model stands: these figures are no transfer."`,
    );
  });

  test('an attack that asks the model beside them may, unless it is told not to', async () => {
    const asking = `quad.onnx ${images} --epsilon 24/255 --attack prior-guided:directions=4 --source other.onnx --queries scores=15`;
    const [asked] = await resultsOf(world, [asking]);
    expect(asked?.asked).toEqual({ decisions: 0, scores: 15 * 12, gradients: 3 * 12 });
    const [refused] = await world.all([`attack ${asking} --opponent none`]);
    expect([refused?.code, refused?.err.split('\n')[0]]).toEqual([
      2,
      'error OPPONENT  The attack prior-guided asks the judged model for scores.',
    ]);
  });
});

describe('queries', () => {
  test('are the most that an image may cost, of one kind or of each', async () => {
    const [square, pgd] = await resultsOf(world, [
      `quad.onnx ${images} --epsilon 24/255 --attack square --queries 20`,
      `quad.onnx ${images} --epsilon 24/255 --attack pgd --queries scores=1,gradients=3`,
    ]);
    expect(square?.queries).toBe(20);
    expect(Math.max(...(square?.samples.map((s) => s.asked.scores) ?? []))).toBe(20);
    expect(pgd?.queries).toEqual({ scores: 1, gradients: 3 });
    for (const { asked } of pgd?.samples ?? [])
      expect(asked).toEqual({ decisions: 0, scores: 1, gradients: 3 });
  });

  test('and are told', async () => {
    const [out = ''] = await printedBy(world, [
      `attack quad.onnx ${images} --epsilon 24/255 --attack square --queries 20`,
    ]);
    expect(out).toMatchInlineSnapshot(`
      "square against quad
      untargeted, linf 24/255, 8-bit pixels
      schedule 5000, share 0.8
      at most 20 decisions and scores per image

      clean accuracy   91.7 % (64.6–98.5), 11 of 12 images
      robust accuracy  83.3 % (55.2–95.3), 10 of 12 images
      fooled           9.1 %, 1 of 11 right when clean
      cost             (seconds), 240 answers with scores

      per image                  smallest  median  largest
      ────────────────────────────────────────────────────
      change, linf in 1/255          24.0    24.0     24.0
      change, l2                    1.304   1.304    1.304
      largest less second logit      0.03    0.41     1.24
      questions                        20      20       20
      "
    `);
  });
});

test('draws: figures over several answers of a random model, which eot meets', async () => {
  const line = `attack quad.onnx ${images} --attack pgd:steps=5 --epsilon 24/255 --defense random-resize:to=12 --through eot:draws=3 --draws 4`;
  const [out = '', json = ''] = await printedBy(world, [line, `${line} --json`]);
  expect(out).toMatchInlineSnapshot(`
    "RANDOM  random-resize(quad) draws at random: figures are over 4 of its draws.

    pgd against random-resize(quad)
    untargeted, linf 24/255, 8-bit pixels, 4 draws of the model
    steps 5, restarts 1, randomStart true, loss cross-entropy, sparsity 0.99
    behind random-resize:to=12,passes=1,flip=false,grey=0.5, which the attack saw
    through eot:draws=3

    clean accuracy   87.5 % (59.8–97.1), 42 of 48 answers on 12 images
    robust accuracy  16.7 % (4.7–44.8), 8 of 48 answers on 12 images
    fooled           81.0 %, 34 of 42 right when clean
    over draws       robust in all 4 draws 8.3 % of the images, in some 25.0 %
    cost             (seconds), 180 gradients, 36 answers with scores

    per image                  smallest  median  largest
    ────────────────────────────────────────────────────
    change, linf in 1/255          24.0    24.0     24.0
    change, l2                    1.123   1.220    1.269
    largest less second logit      0.00    0.07     0.35
    questions                        18      18       18
    "
  `);
  const result = JSON.parse(json) as NamedAttackResult;
  expect([result.draws, result.asked.gradients]).toEqual([4, 5 * 3 * 12]);
  expect(Object.keys(result.samples[0]?.draws ?? {})).toEqual(['clean', 'adversarial', 'success']);
  expect(result.robustInAll).toBeLessThanOrEqual(result.robustAccuracy);
  expect(result.robustInAny).toBeGreaterThanOrEqual(result.robustAccuracy);
});

test('docs/formats.md tells of everything that a result holds', async () => {
  const found = await resultsOf(world, [
    `quad.onnx ${images} --attack ddn:steps=2 --mask mask.png --queries 9 --source other.onnx --through bpda`,
    `quad.onnx --images quadrants --hosts 1 --attack noop --targets next --epsilon 8/255 --defense random-resize:to=12 --defense feature-squeezing:threshold=0.2 --draws 2`,
  ]);
  const keys = new Set(found.flatMap((result) => [result, ...result.samples].flatMap(Object.keys)));
  for (const key of [
    'curve',
    'region',
    'queries',
    'sources',
    'through',
    'robustInAll',
    'abstained',
    'target',
  ])
    expect([...keys]).toContain(key);
  const section = /^## Result of an attack$([^]*?)^## /m.exec(readText('docs/formats.md'))?.[1] ?? '';
  expect([...keys].filter((key) => !section.includes(`\`${key}\``))).toEqual([]);
});

describe('a model that abstains', () => {
  test('by a defense', async () => {
    const line =
      'attack quad.onnx --images quadrants --hosts 1 --attack pgd:steps=5 --epsilon 24/255 --defense feature-squeezing:threshold=0.05';
    const [out = '', json = ''] = await printedBy(world, [line, `${line} --json --report declined.html`]);
    expect(out).toMatchInlineSnapshot(`
      "pgd against feature-squeezing(quad)
      untargeted, linf 24/255, 8-bit pixels
      steps 5, restarts 1, randomStart true, loss cross-entropy, sparsity 0.99
      behind feature-squeezing:threshold=0.05,bits=5,window=2, which the attack saw

      clean accuracy   16.7 % (4.7–44.8), 2 of 12 images
      robust accuracy  0.0 % (0.0–24.2), 0 of 12 images
      fooled           100.0 %, 2 of 2 right when clean
      abstained        on 83.3 % of the clean images, 0.0 % of the attacked ones; robust 0.0 % if it may abstain
                       when attacked
      cost             (seconds), 60 gradients, 12 answers with scores

      per image                  smallest  median  largest
      ────────────────────────────────────────────────────
      change, linf in 1/255          24.0    24.0     24.0
      change, l2                    1.096   1.304    1.304
      largest less second logit      0.01    0.07     0.17
      questions                         6       6        6
      "
    `);
    const result = JSON.parse(json) as NamedAttackResult;
    expect(result.classNames).toEqual({ [-1]: 'abstains', 0: 'a', 1: 'b', 2: 'c', 3: 'd' });
    const answers = result.samples.map((s) => s.adversarial);
    expect(answers.filter((answer) => answer === -1).length / 12).toBe(result.abstained?.adversarial);
    const page = readFileSync(at('declined.html'), 'utf8');
    expect(page).toContain('>abstains<');
    expect(page).not.toContain('-1 ');
  });

  test('by an output that its sidecar names reject', async () => {
    const [plain, guarded] = await resultsOf(
      world,
      ['quad', 'guarded'].map((model) => `${model}.onnx ${images} --attack noop --epsilon 8/255`),
    );
    const declined = guarded?.samples.map((s) => s.clean === -1) ?? [];
    expect(new Set(declined)).toEqual(new Set([true, false]));
    expect(guarded?.samples.map((s) => s.clean)).toEqual(
      plain?.samples.map((s, i) => (declined[i] === true ? -1 : s.clean)),
    );
    expect(guarded?.abstained?.clean).toBe(declined.filter(Boolean).length / 12);
  });
});
