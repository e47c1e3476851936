import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Attack, attackMargins, attacks } from '../../src/attacks/index.ts';
import { type AttackOutcome, type AttackRequest, attack as judge } from '../../src/judge/index.ts';
import { asked, type Classifier, loadModel, scoresOf } from '../../src/models/index.ts';
import { writeModel } from '../../src/onnx/index.ts';
import { type Hosts, openHosts } from '../../src/runtime/index.ts';
import { type Images, type Norm, randomOf, tensor } from '../../src/tensor/index.ts';
import { convolution } from '../pixel-networks.ts';
import { imageGraph } from '../small-models.ts';
import {
  answers,
  classes,
  count,
  images,
  input,
  labels,
  requestFor,
  size,
  small,
  targets,
  twoClasses,
  weights,
  whole,
} from './world.ts';

const minimal = whole.filter((attack) => attack.radius === 'minimum');

describe.for(minimal)('$name on an affine model of two classes', (attack) => {
  /**
   * So fine that what is left is the attack's own: steps of its radius by 1 %, down to a floor far below; or as many
   * questions as that takes.
   */
  const fine: Record<string, Pick<AttackRequest, 'options' | 'queries'>> = {
    boundary: { queries: 4000 },
    ddn: { options: { steps: 600, gamma: 0.01 } },
    geoda: { options: { frequencies: 1 }, queries: 10_000 },
    'hop-skip-jump': { options: { neighbours: 300 }, queries: 20_000 },
    rays: { options: { tolerance: 3e-5 }, queries: 1500 },
    'sign-opt': { queries: 4000 },
  };
  /** Far above what an attack cannot come below: 0.99^600 < 0.0025. */
  const floors: Record<string, number> = { ddn: 0.01 };
  const grey: Images = tensor(new Float32Array(count * size), images.shape);
  randomOf(3, 'test').stream('', 'grey').fillUniform(grey.data, 0.35, 0.65);
  const cases = attack.norms.flatMap((norm) =>
    attack.goals.filter((goal) => goal !== 'least-likely').map((goal) => ({ norm, goal })),
  );

  test.for(cases)(
    'finds the nearest point of the border within 2 % ($norm, $goal)',
    async ({ norm, goal }) => {
      const answer = await twoClasses.answers(asked(grey));
      const own = answer.classes;
      const gaps = attackMargins(scoresOf(answer), { kind: 'untargeted', classes: own });
      const outcome = await judge(twoClasses, attack, {
        images: grey,
        labels: own,
        norm,
        goal,
        ...(goal === 'targeted' && { targets: own.map((c) => 1 - c) }),
        ...fine[attack.name],
        pixels: 'float32',
      });
      for (const [i, sample] of outcome.samples.entries()) {
        const nearest = -(gaps[i] as number) / dual(norm);
        expect(nearest).toBeGreaterThan(floors[attack.name] ?? 0);
        expect(sample.success).toBe(true);
        expect(sample.distance / nearest).toBeGreaterThan(1 - 1e-4);
        expect(sample.distance / nearest).toBeLessThanOrEqual(1.02);
      }
    },
  );
});

/** What the affine model's margin changes at most per unit of the norm. */
function dual(norm: Norm): number {
  const slope = Float64Array.from(
    { length: size },
    (_, i) => (weights.data[2 * i] as number) - (weights.data[2 * i + 1] as number),
  );
  if (norm === 'l2') return Math.hypot(...slope);
  return norm === 'linf' ? slope.reduce((a, w) => a + Math.abs(w), 0) : Math.max(...slope.map(Math.abs));
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
  const epsilons = [0.05, 0.1, 0.2, 0.4, 0.8];

  test('is that of single runs', async () => {
    const [first] = await judge(small, attack, { ...request, epsilon: epsilons });
    expect(first?.curve?.map((p) => p.epsilon)).toEqual(epsilons);
    for (const { epsilon, robustAccuracy } of first?.curve ?? [])
      expect((await judge(small, attack, { ...request, epsilon })).robustAccuracy).toBe(robustAccuracy);
  });

  test('falls at the distances found, and only there', async () => {
    const { curve = [], samples } = await judge(small, attack, request);
    const found = samples.filter((s) => s.success).map((s) => s.distance);
    expect(curve.slice(1).map((p) => p.epsilon)).toEqual(found.toSorted((a, b) => a - b));
    const right = labels.filter((label, i) => label === answers[i]).length;
    expect(curve.map((p) => p.robustAccuracy)).toEqual(curve.map((_, i) => (right - i) / count));
  });

  test('at an epsilon below what was found the clean image stands', async () => {
    const { samples: free } = await judge(small, attack, request);
    const middle = free.map((s) => s.distance).toSorted((a, b) => a - b)[count >> 1] as number;
    const at = await judge(small, attack, { ...request, epsilon: middle * (1 - 1e-3) });
    for (const [i, sample] of at.samples.entries()) {
      const beyond = (free[i]?.distance as number) >= middle;
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
