import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attack, attacks, leastClassesOf } from '../../src/attacks/index.ts';
import { type AttackOutcome, type AttackRequest, attack as judge } from '../../src/judge/index.ts';
import { asked, type Classifier, loadModel } from '../../src/models/index.ts';
import { writeModel } from '../../src/onnx/index.ts';
import { type Hosts, openHosts } from '../../src/runtime/index.ts';
import { type Images, type Norm, randomOf, rows, tensor } from '../../src/tensor/index.ts';
import { convolution } from '../pixel-networks.ts';
import { imageGraph } from '../small-models.ts';
import {
  answers,
  classes,
  count,
  fourClasses,
  images,
  input,
  labels,
  moreWeights,
  requestFor,
  size,
  small,
  targets,
  twoClasses,
  weights,
  whole,
} from './world.ts';

const minimal = whole.filter((attack) => attack.radius === 'minimum');

/** Attacks that do not seek the nearest point of an affine model's border; their own tests say what they do. */
const otherwise = new Set(['jsma', 'brightness', 'contrast', 'gaussian-blur', 'salt-and-pepper', 'spatial']);

describe.for(minimal.filter(({ name }) => !otherwise.has(name)))('$name on an affine model', (attack) => {
  /**
   * So fine that what is left is the attack's own: steps of its radius by 1 %, down to a floor far below; or as many
   * questions as that takes.
   */
  const fine: Record<string, Pick<AttackRequest, 'options' | 'queries'>> = {
    'alma l2': { options: { first: 0.02, steps: 2000 } },
    'alma l1': { options: { lastRate: 0.001 } },
    'cw l2': { options: { steps: 300, searches: 12, rate: 0.003, firstConstant: 0.1 } },
    'cw linf': { options: { steps: 100, rate: 0.0005, firstConstant: 0.001, shrink: 0.98, smallest: 1e-4 } },
    'cw l0': { options: { steps: 20, firstConstant: 1 } },
    'cw l0-entries': { options: { steps: 20, firstConstant: 1 } },
    ddn: { options: { steps: 600, gamma: 0.01 } },
    deepfool: { options: { overshoot: 0.001 } },
    ead: { options: { steps: 300, beta: 0.1, searches: 12 } },
    fmn: { options: { steps: 400, stepSize: 1 } },
    lbfgs: { options: { searches: 16 } },
    'hop-skip-jump': { options: { neighbours: 300 }, queries: 20_000 },
    'smallest-radius': { options: { inner: 'bim', searches: 20, precision: 0.005 } },
    // Every entry at each step.
    zoo: { options: { coordinates: size, steps: 300, stepSize: 0.001 }, queries: 200_000 },
    boundary: { queries: 4000 },
    geoda: { options: { frequencies: 1 }, queries: 10_000 },
    rays: { options: { tolerance: 3e-5 }, queries: 1500 },
    'sign-opt': { queries: 4000 },
  };
  /** A threshold that falls by 2 % at a time; and one of several borders, the steepest and not the nearest. */
  const nearly: Record<string, number> = { 'cw linf': 1.06, 'alma l1': 1.07 };
  /** Far above what an attack cannot come below: 0.99^600 < 0.0025. */
  const floors: Record<string, number> = { ddn: 0.01 };
  // As few as tell: what they cost is most of this file.
  const grey: Images = tensor(new Float32Array(3 * size), [3, ...images.shape.slice(1)]);
  randomOf(3, 'test').stream('', 'grey').fillUniform(grey.data, 0.35, 0.65);
  const cases = attack.norms.flatMap((norm) =>
    attack.goals.filter((goal) => goal !== 'least-likely').map((goal) => ({ norm, goal })),
  );

  const model = leastClassesOf(attack, undefined, 'untargeted') > 2 ? fourClasses : twoClasses;

  test.for(cases)(
    'finds the nearest point of the border within 2 %, in counts one more ($norm, $goal)',
    async ({ norm, goal }) => {
      const { scores, classes: own } = await model.answers(asked(grey));
      if (scores === undefined) throw new Error('no scores');
      const targets = own.map((c) => (c + 1) % model.classes);
      const outcome = await judge(model, attack, {
        images: grey,
        labels: own,
        norm,
        goal,
        ...(goal === 'targeted' && { targets }),
        ...(fine[attack.name] ?? fine[`${attack.name} ${norm}`]),
        pixels: 'float32',
      });
      for (const [i, sample] of outcome.samples.entries()) {
        const to = Array.from({ length: model.classes }, (_, k) => k).filter((k) =>
          goal === 'targeted' ? k === targets[i] : k !== own[i],
        );
        const z = rows(scores, i, i + 1).data;
        const nearest = Math.min(
          ...to.map((k) =>
            away(rows(grey, i, i + 1).data, slopeOf(model, own[i] as number, k), {
              gap: (z[own[i] as number] as number) - (z[k] as number),
              norm,
            }),
          ),
        );
        expect(nearest).toBeGreaterThan(floors[attack.name] ?? 0);
        expect(sample.success).toBe(true);
        const most = norm.startsWith('l0')
          ? nearest + 1
          : (nearly[`${attack.name} ${norm}`] ?? 1.02) * nearest;
        expect(sample.distance).toBeGreaterThanOrEqual((1 - 1e-4) * nearest);
        expect(sample.distance).toBeLessThanOrEqual(most);
      }
    },
  );
});

/** What each entry adds to the logit of one class less that of another. */
function slopeOf({ classes: columns }: Classifier, from: number, to: number): Float64Array {
  const { data } = columns === 2 ? weights : moreWeights;
  return Float64Array.from(
    { length: size },
    (_, i) => (data[columns * i + to] as number) - (data[columns * i + from] as number),
  );
}

/**
 * How far it is to the border between two classes. For l1 and counts those entries or pixels that gain most go to their
 * ends, one after the other; in the other norms no end is near.
 */
function away(x: Float32Array, slope: Float64Array, { gap, norm }: { gap: number; norm: Norm }): number {
  if (norm === 'l2') return gap / Math.hypot(...slope);
  if (norm === 'linf') return gap / slope.reduce((a, w) => a + Math.abs(w), 0);
  const room = slope.map((w, i) => (w > 0 ? 1 - (x[i] as number) : (x[i] as number)));
  let left = gap;
  if (norm === 'l1') {
    let moved = 0;
    for (const i of Array.from(slope.keys()).toSorted(
      (a, b) => Math.abs(slope[b] as number) - Math.abs(slope[a] as number),
    )) {
      const by = Math.min(room[i] as number, left / Math.abs(slope[i] as number));
      moved += by;
      left -= by * Math.abs(slope[i] as number);
    }
    return moved;
  }
  const pixels = norm === 'l0' ? size / input.channels : size;
  const gains = new Float64Array(pixels);
  for (const [i, w] of slope.entries())
    gains[i % pixels] = (gains[i % pixels] as number) + Math.abs(w) * (room[i] as number);
  return 1 + gains.toSorted((a, b) => b - a).findIndex((gain) => (left -= gain) < 0);
}

/** An outcome without the time that it took, and without the curve, which a list has at all of its epsilons. */
function lasting(outcome: AttackOutcome | undefined): unknown {
  const { curve, ...rest } = outcome as AttackOutcome;
  expect(curve?.length).not.toBe(0);
  return { ...rest, seconds: 0 };
}

/** A list of epsilons gives at each what it gives alone. */
async function listed(model: Classifier, attack: Attack, more: Partial<AttackRequest> = {}): Promise<void> {
  const request = { ...requestFor(attack), ...more };
  const pair = pairOf(attack);
  const list = await judge(model, attack, { ...request, epsilon: pair });
  expect(list.length).toBe(2);
  for (const [i, epsilon] of pair.entries())
    expect(lasting(list[i])).toEqual(lasting(await judge(model, attack, { ...request, epsilon })));
}

/** Two epsilons of an attack, of which the first is none that a minimum-norm attack finds everything within. */
function pairOf(attack: Attack): readonly [number, number] {
  const { norm, epsilon } = requestFor(attack);
  if (norm === 'l0' || norm === 'l0-entries') return [3, 5];
  return typeof epsilon === 'number' ? [epsilon / 2, epsilon] : [0.3, 1];
}

describe.for(whole)('$name', (attack) => {
  test('gives a list of epsilons what it gives each', () => listed(small, attack));
});

describe.for(minimal)('the curve of $name', (attack) => {
  const request = requestFor(attack);
  const epsilons = request.norm?.startsWith('l0') === true ? [1, 2, 3, 5, 8] : [0.05, 0.1, 0.2, 0.4, 0.8];

  test('is that of single runs', async () => {
    const [first] = await judge(small, attack, { ...request, epsilon: epsilons });
    expect(first?.curve?.map((p) => p.epsilon)).toEqual(epsilons);
    for (const { epsilon, robustAccuracy } of first?.curve ?? [])
      expect((await judge(small, attack, { ...request, epsilon })).robustAccuracy).toBe(robustAccuracy);
  });

  test('falls at the distances found, and only there', async () => {
    const { curve = [], samples } = await judge(small, attack, request);
    const found = samples.filter((s) => s.success).map((s) => s.distance);
    const steps = [...new Set(found)].toSorted((a, b) => a - b).filter((d) => d > 0);
    expect(curve.slice(1).map((p) => p.epsilon)).toEqual(steps);
    const right = labels.filter((label, i) => label === answers[i]).length;
    expect(curve.map((p) => p.robustAccuracy)).toEqual(
      curve.map(({ epsilon }) => (right - found.filter((d) => d <= epsilon).length) / count),
    );
  });

  test('at an epsilon below what was found the clean image stands', async () => {
    const { samples: free } = await judge(small, attack, request);
    const found = free.map((s) => s.distance).filter((d) => d > 0);
    const middle = found.toSorted((a, b) => a - b)[found.length >> 1] as number;
    const epsilon = request.norm?.startsWith('l0') === true ? Math.max(1, middle - 1) : middle * (1 - 1e-3);
    const at = await judge(small, attack, { ...request, epsilon });
    for (const [i, sample] of at.samples.entries()) {
      const beyond = (free[i]?.distance as number) > epsilon;
      const x = at.adversarial.images.data.subarray(i * size, (i + 1) * size);
      const clean = images.data.subarray(i * size, (i + 1) * size);
      expect(x.every((v, j) => v === clean[j])).toBe(beyond || free[i]?.distance === 0);
      expect(sample.adversarial).toBe(beyond ? answers[i] : free[i]?.adversarial);
    }
  });
});

describe('in hosts', () => {
  let folder: string;
  let hosts: Hosts;
  let model: Classifier;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'minimum-'));
    const { graph } = imageGraph(input, convolution('small', input, classes));
    writeFileSync(path.join(folder, 'small.onnx'), writeModel(graph));
    const sidecar = {
      input: { name: 'images', layout: 'NCHW', height: input.height, width: input.width, channels: 'RGB' },
      preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
      output: { name: 'logits', kind: 'logits', classes },
    };
    writeFileSync(path.join(folder, 'small.json'), JSON.stringify(sidecar));
    model = await loadModel(path.join(folder, 'small.onnx'));
    hosts = openHosts({ count: 2 });
  });
  afterAll(async () => {
    await hosts.close();
    await model.release();
    rmSync(folder, { recursive: true });
  });

  test.for(['ddn', 'pgd', 'square'])('%s gives a list of epsilons what it gives each', (name) =>
    listed(model, attacks.find(name), { hosts }),
  );

  test('ddn has the curve that it has in one thread', async () => {
    const attack = attacks.find('ddn');
    const request = { ...requestFor(attack, 'targeted'), targets };
    const here = await judge(small, attack, request);
    const there = await judge(model, attack, { ...request, hosts });
    expect(there.curve).toEqual(here.curve);
    expect(there.adversarial).toEqual(here.adversarial);
  });
});
