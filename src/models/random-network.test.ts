import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { filled, normal, sidecarOf } from '../../test/small-models.ts';
import { randomNoise } from '../attacks/index.ts';
import { attack } from '../judge/index.ts';
import { GraphBuilder, writeModel } from '../onnx/index.ts';
import { type Hosts, openHosts } from '../runtime/index.ts';
import { type Images, int64, randomOf, rows, scalar, takeRows, tensor } from '../tensor/index.ts';
import { type Answers, asked, type Classifier } from './classifier.ts';
import { loadModel, openModel } from './load.ts';
import { margin } from './objectives.ts';

// Networks that draw random numbers, as users meet them: from their files.

const folder = mkdtempSync(path.join(tmpdir(), 'advarena-random-'));
const teams = [openHosts({ count: 1 }), openHosts({ count: 2 })] as const;
afterAll(async () => {
  for (const hosts of teams) await hosts.close();
  rmSync(folder, { recursive: true });
});

const count = 6;
const images = filled('images', [count, 3, 4, 4], 0.25, 0.75);
const ids = Array.from({ length: count }, (_, i) => `image ${i}`);

/** Writes a network from pixels [N, 3, 4, 4] to classes, with its sidecar. */
function written(name: string, build: (b: GraphBuilder, pixels: string) => string): string {
  const file = path.join(folder, `${name}.onnx`);
  const b = new GraphBuilder(undefined, { name });
  const y = build(b, b.input('x', 'float32', ['N', 3, 4, 4]));
  b.output(y, 'y');
  writeFileSync(file, writeModel(b.finish()));
  const classes = b.shape(y)?.[1] as number;
  writeFileSync(file.replace(/onnx$/, 'json'), JSON.stringify(sidecarOf({ classes })));
  return file;
}

const flatten = (b: GraphBuilder, x: string): string => b.op('Flatten', [x], { axis: 1 });
const head = (b: GraphBuilder, x: string): string =>
  b.op('MatMul', [flatten(b, x), b.constant(normal('head', [48, 4]))]);

const networks: Record<string, string> = {
  // Every logit is a pixel, so that what was dropped can be seen.
  dropout: written('dropout', (b, x) =>
    b.op('Dropout', [flatten(b, x), b.scalar(0.25), b.constant(scalar(1, 'bool'))]),
  ),
  noise: written('noise', (b, x) => head(b, b.op('Add', [x, b.op('RandomNormalLike', [x])]))),
  // One draw for the whole batch in its file.
  shared: written('shared', (b, x) =>
    head(b, b.op('Add', [x, b.op('RandomUniform', [], { shape: [1, 3, 4, 4] })])),
  ),
};

/** All that a model says of each row, the gradient of its margin too. */
async function said(model: Classifier, which: readonly number[], draw = 0): Promise<number[][]> {
  const question = asked(
    takeRows(images, which),
    which.map((i) => ids[i] as string),
    draw,
  );
  const { scores, gradient } = await model.gradient(question, margin(), {
    labels: int64(which.map((i) => i % model.classes)),
  });
  expect((await model.answers(question)).scores).toEqual(scores);
  return which.map((_, n) => [...rows(scores, n, n + 1).data, ...rows(gradient, n, n + 1).data]);
}

describe.for(Object.keys(networks))('%s', (name) => {
  const file = networks[name] as string;

  test('the same image and draw get the same answer in any batch; others get others', async () => {
    const model = await loadModel(file);
    const all = ids.map((_, i) => i);
    const whole = await said(model, all);
    for (const which of [[3], [5, 0], [2, 2, 4, 1], all.toReversed()])
      expect(await said(model, which)).toEqual(which.map((i) => whole[i]));
    const next = await said(model, all, 1);
    for (const [i, row] of next.entries()) expect(row).not.toEqual(whole[i]);
    const again = await loadModel(file);
    expect(await said(again, all)).toEqual(whole);
    const other = await loadModel(file, { random: randomOf(1, 'another role') });
    expect(await said(other, all)).not.toEqual(whole);
    for (const m of [model, again, other]) await m.release();
  });

  test('equal pixels of other names have draws of their own', async () => {
    const model = await loadModel(file);
    const same = takeRows(images, [0, 0]);
    const { scores } = await model.answers(asked(same, ['a', 'b']));
    expect(rows(scores as Images, 0, 1).data).not.toEqual(rows(scores as Images, 1, 2).data);
    await model.release();
  });

  test('is flagged, and judged alike when it is judged again', async () => {
    const model = await loadModel(file);
    expect(model.random).toBe(true);
    expect(model.flags).toContainEqual({
      code: 'RANDOM',
      message: `${name} draws random numbers: its figures are those of the draws that were asked for.`,
    });
    const judged = (hosts: Hosts, among: number) =>
      attack(model, randomNoise, {
        images: rows(images, 0, among),
        ids: ids.slice(0, among),
        labels: Array.from({ length: among }, (_, i) => i % model.classes),
        epsilon: 8 / 255,
        pixels: 'float32',
        seed: 3,
        draws: 4,
        hosts,
      });
    const [one, two] = teams;
    const [once, again, fewer] = [await judged(one, count), await judged(two, count), await judged(one, 2)];
    expect(again.samples).toEqual(once.samples);
    expect(fewer.samples).toEqual(once.samples.slice(0, 2));
    expect(once.flags.map((f) => f.code)).toContain('RANDOM');
    await model.release();
  });
});

test('dropout drops its share and makes up for it', async () => {
  const model = await loadModel(networks['dropout'] as string);
  const draws = 200;
  const { scores } = await model.answers({
    images: takeRows(images, new Int32Array(draws)),
    ids: Array.from({ length: draws }, () => 'a'),
    draw: Uint32Array.from({ length: draws }, (_, i) => i),
  });
  let dropped = 0;
  for (const [i, v] of scores?.data.entries() ?? []) {
    if (v === 0) dropped++;
    expect(v).toBeCloseTo(v === 0 ? 0 : (images.data[i % 48] as number) / 0.75, 5);
  }
  // 2400 of 9600, five standard deviations of 42.
  expect(Math.abs(dropped - 2400)).toBeLessThan(210);
  await model.release();
});

test('members of an ensemble draw each for itself', async () => {
  const file = networks['dropout'] as string;
  const both = await openModel({ ensemble: [{ file }, { file }] });
  const { scores } = await both.answers(asked(images, ids));
  // Mean of two masks: 0, 2/3 or 4/3 of a pixel.
  const kinds = new Set(
    [...(scores?.data ?? [])].map((v, i) => Math.round((3 * v) / (images.data[i] as number))),
  );
  expect([...kinds].toSorted((a, b) => a - b)).toEqual([0, 2, 4]);
  expect(both.random).toBe(true);
  await both.release();
});

describe('logits that are no numbers', () => {
  /** The square root of each channel's mean less a half. */
  const file = written('rooted', (b, x) => {
    const mean = flatten(b, b.op('GlobalAveragePool', [x]));
    return b.op('Sqrt', [b.op('Sub', [mean, b.scalar(0.5)])]);
  });
  const shades = (...levels: number[]): Images =>
    tensor(
      Float32Array.from({ length: 48 * levels.length }, (_, i) => levels[Math.floor(i / 48)] as number),
      [levels.length, 3, 4, 4],
    );

  test('are an abstention that says so', async () => {
    const model = await loadModel(file);
    const labels = int64([0, 0, 0]);
    const question = asked(shades(0.75, 0.25, 1));
    for (const answers of [
      await model.answers(question),
      await model.gradient(question, margin(), { labels }),
    ] satisfies Answers[]) {
      expect([...answers.classes]).toEqual([0, -1, 0]);
      expect([...(answers.extra?.['nan'] ?? [])]).toEqual([0, 1, 0]);
      expect(rows(answers.scores as Images, 1, 2).data).toEqual(new Float32Array(3).fill(Number.NaN));
    }
    expect((await model.answers(asked(shades(0.75, 1)))).extra).toBeUndefined();
    await model.release();
  });

  test('do not reach the rows beside them', async () => {
    const model = await loadModel(file);
    const { scores } = await model.answers(asked(shades(0.25, 0.75, 0.25, 0.25)));
    expect(rows(scores as Images, 1, 2).data).toEqual(new Float32Array(3).fill(0.5));
    expect(model.flags.map((f) => f.code)).toEqual([]);
    await model.release();
  });
});
