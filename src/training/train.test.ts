import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawShapes } from '../../test/shapes.ts';
import { told } from '../../test/told.ts';
import { margin } from '../models/index.ts';
import { createSession } from '../runtime/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { AdvarenaError, tensor, toFloat } from '../tensor/index.ts';
import type { Network, TrainingBatch, TrainOptions } from './index.ts';
import {
  adam,
  classification,
  constant,
  convNet,
  oneCycle,
  progressLine,
  sgd,
  shuffled,
  squaredError,
  train,
  uNet,
  weightsOf,
} from './index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'advarena-training-'));
});
afterAll(() => rm(folder, { recursive: true }));

const size = { height: 32, width: 32, seed: 1 };
const examples = drawShapes(64, 2, 'train');

/** Eight steps of a very small network. */
function small(changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    network: convNet({ ...size, classes: 10, widths: [4, 8], dropout: 0.2 }),
    losses: [classification()],
    optimizer: adam(),
    schedule: constant(0.01),
    batches: shuffled(examples, { size: 16, seed: 1 }),
    steps: 8,
    seed: 1,
    ...changes,
  };
}

async function accuracy(network: Network): Promise<number> {
  const held = drawShapes(200, 9, 'dev');
  const session = await createSession(network.graph, { name: network.name });
  const { logits } = await session.run({ input: toFloat(held.images) });
  await session.release();
  const { data } = logits as Tensor;
  const right = held.labels.filter((label, i) => {
    const row = data.subarray(i * 10, (i + 1) * 10);
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / held.labels.length;
}

async function failure(promise: Promise<unknown>): Promise<AdvarenaError> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!(error instanceof AdvarenaError)) throw new Error(`not an AdvarenaError: ${String(error)}`);
  return error;
}

test('a small network learns to tell ten shapes it has not seen', async () => {
  const steps = 180;
  const accuracies: number[] = [];
  const { network, stopped } = await train({
    ...small(),
    network: convNet({
      ...size,
      classes: 10,
      widths: [8, 16, 32, 64, 64],
      mean: [0.5, 0.5, 0.5],
      std: [0.25, 0.25, 0.25],
    }),
    optimizer: sgd({ nesterov: true, decay: 5e-4 }),
    batches: shuffled(drawShapes(2000, 2, 'train'), { size: 32, seed: 1, augmentation: { shift: 2 } }),
    steps,
    schedule: oneCycle({ rate: 0.1, steps }),
    onProgress: (p) => accuracies.push(p.accuracy as number),
  });
  expect(stopped).toBe('steps done');
  expect(accuracies.length).toBe(steps);
  expect(accuracies.at(-1)).toBeGreaterThan(0.8);
  expect(await accuracy(network)).toBeGreaterThan(0.8);
});

test('the same options give the same bits', async () => {
  const once = await train(small());
  const again = await train(small());
  expect(weightsOf(again.network)).toEqual(weightsOf(once.network));
  const other = await train(small({ seed: 2 }));
  expect(weightsOf(other.network)).not.toEqual(weightsOf(once.network));
});

describe('checkpoints', () => {
  test('a training killed with -9 goes on to the same bits', async () => {
    const whole = path.join(folder, 'whole.npz');
    const cut = path.join(folder, 'cut.npz');
    await run(whole);
    const before = await run(cut, 13);
    expect(before.at(-1)).toBe('step 13');
    const after = await run(cut);
    expect(after[0]).toBe('step 11');
    expect(await readFile(cut)).toEqual(await readFile(whole));
  });

  test('an aborted training writes one and goes on from it', async () => {
    const file = path.join(folder, 'aborted.npz');
    const checkpoint = { file, every: 100 };
    const controller = new AbortController();
    const stopAt = { step: 3 };
    const onProgress = ({ step }: { step: number }): void => {
      if (step === stopAt.step) controller.abort(new Error('enough'));
    };
    const aborted = train(small({ checkpoint, onProgress, signal: controller.signal }));
    await expect(aborted).rejects.toThrow('enough');
    const steps: number[] = [];
    const rest = await train(small({ checkpoint, onProgress: ({ step }) => steps.push(step) }));
    expect(steps).toEqual([4, 5, 6, 7, 8]);
    expect(weightsOf(rest.network)).toEqual(weightsOf((await train(small())).network));
  });

  test('those of another recipe, cut in half or changed are refused by name', async () => {
    const file = path.join(folder, 'refused.npz');
    const checkpoint = { file, every: 4 };
    await train(small({ checkpoint }));
    const again =
      (change: Partial<TrainOptions> = {}) =>
      () =>
        train(small({ checkpoint, ...change }));
    expect(
      await told(
        {
          'another seed': again({ seed: 7 }),
          'another schedule': again({ schedule: constant(0.02) }),
          'other data': again({ recipe: 'other data' }),
        },
        folder,
      ),
    ).toMatchInlineSnapshot(`
      "another seed: CHECKPOINT_OTHER ./refused.npz: The checkpoint belongs to a training of another recipe. | Name another checkpoint file, or give the network, seed and options that it was made with.
      another schedule: CHECKPOINT_OTHER ./refused.npz: The checkpoint belongs to a training of another recipe. | Name another checkpoint file, or give the network, seed and options that it was made with.
      other data: CHECKPOINT_OTHER ./refused.npz: The checkpoint belongs to a training of another recipe. | Name another checkpoint file, or give the network, seed and options that it was made with."
    `);
    const content = await readFile(file);
    await writeFile(file, content.subarray(0, content.length / 2));
    expect(await told({ 'cut in half': again() }, folder)).toMatchInlineSnapshot(
      `"cut in half: CHECKPOINT_DAMAGED ./refused.npz: The checkpoint is cut short or was changed. | Delete it and train anew, or bring back a whole copy."`,
    );
    const at = Math.floor(content.length / 2);
    content[at] = (content[at] as number) ^ 1;
    await writeFile(file, content);
    expect(await told({ 'a bit changed': again() }, folder)).toMatchInlineSnapshot(
      `"a bit changed: CHECKPOINT_DAMAGED ./refused.npz: The checkpoint is cut short or was changed. | Delete it and train anew, or bring back a whole copy."`,
    );
  });
});

/** Runs the training of `test/run-training.ts`, killing it after a step if asked. @returns what it printed */
async function run(file: string, killAfter?: number): Promise<string[]> {
  const root = path.join(import.meta.dirname, '../..');
  const script = path.join(root, 'test/run-training.ts');
  const child = spawn(process.execPath, ['--conditions=advarena-source', script, file, String(killAfter)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (killAfter !== undefined && printed.includes(`step ${killAfter}\n`)) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe(killAfter === undefined ? null : 'SIGKILL');
  return printed.trim().split('\n');
}

describe('what is no longer finite', () => {
  test('an exploding loss stops with the step and the node', async () => {
    const schedule = (step: number): number => (step < 3 ? 0.01 : 1e30);
    const error = await failure(train(small({ schedule, optimizer: sgd({ momentum: 0 }) })));
    expect(error).toMatchObject({ code: 'TRAINING_NOT_FINITE', broken: true });
    expect(error.message).toMatch(/no longer finite at step [45] /);
    expect(error.where).toMatch(/^convnet: node \w+ "/);
    expect(error.remedy).toBe(
      'Lower the learning rate, warm it up or clip the gradients; a checkpoint has the weights before.',
    );
  });

  test('NaN in a batch is told from that', async () => {
    const batches = (step: number): TrainingBatch => {
      const batch = shuffled(examples, { size: 16, seed: 1 })(step);
      if (step === 2) batch.images.data[100] = Number.NaN;
      return batch;
    };
    const error = await failure(train(small({ batches })));
    expect(error.message).toContain('at step 2 ');
    expect([error.where, error.remedy]).toEqual([
      'convnet: "input", given to the step',
      'Check the images of this batch for NaN.',
    ]);
  });

  test('NaN in what a loss asks for is told too', async () => {
    const batches = (step: number): TrainingBatch => {
      const { images } = shuffled(examples, { size: 4, seed: 1 })(step);
      return { images, given: { targets: { ...images, data: images.data.map(() => Number.NaN) } } };
    };
    const network = uNet({ ...size, filters: [4, 8] });
    const error = await failure(train(small({ network, losses: [squaredError([3, 32, 32])], batches })));
    expect([error.where, error.remedy]).toEqual([
      expect.stringMatching(/^unet: ".*targets", given to the step$/),
      'Check what is given to the step for NaN.',
    ]);
  });

  test('of several nodes the first is named', async () => {
    const plain = convNet({ ...size, classes: 10, widths: [4] });
    const relu = plain.graph.nodes.findIndex((n) => n.op === 'Relu');
    const nodes = plain.graph.nodes.map((n, i) => (i === relu ? { ...n, op: 'Log' } : n));
    const error = await failure(train(small({ network: { ...plain, graph: { ...plain.graph, nodes } } })));
    expect(error.message).toBe('The loss is no longer finite at step 0 (loss NaN).');
    expect(error.where).toBe('convnet: node Log "Relu"');
  });
});

describe('validation and averages', () => {
  test('stops early and returns the best weights', async () => {
    const values = [0.1, 0.5, 0.4, 0.5, 0.9];
    const seen: Network[] = [];
    const measure = async (network: Network): Promise<number> => values[seen.push(network) - 1] as number;
    const trained = await train(small({ validation: { every: 1, patience: 2, measure } }));
    expect(trained.stopped).toBe('early');
    expect(trained.steps).toBe(4);
    expect(trained.validations.map((v) => v.value)).toEqual([0.1, 0.5, 0.4, 0.5]);
    expect(weightsOf(trained.network)).toEqual(weightsOf(seen[1] as Network));
  });

  test('averages are those of the weights after each step', async () => {
    const after: Record<string, Tensor>[] = [];
    const batches: TrainOptions['batches'] = (step, weights) => {
      after.push(weights);
      return shuffled(examples, { size: 16, seed: 1 })(step);
    };
    const { network } = await train(small({ batches, average: 0.25, steps: 3 }));
    const last = weightsOf((await train(small({ steps: 3 }))).network);
    const all = [...after, last].map((w) => w['head.weight']?.data[5] as number);
    // After step t the decay is min(0.25, (1 + t) / (10 + t)): 2/11, 3/12, 0.25.
    let expected = all[0] as number;
    for (const [t, kept] of [2 / 11, 3 / 12, 0.25].entries())
      expected = kept * expected + (1 - kept) * (all[t + 1] as number);
    expect(weightsOf(network)['head.weight']?.data[5]).toBeCloseTo(expected, 6);
  });
});

test('losses are mixed by their weights', async () => {
  const lossOf = async (losses: TrainOptions['losses']): Promise<number> => {
    let loss = 0;
    await train(small({ losses, steps: 1, onProgress: (p) => void (loss = p.loss) }));
    return loss;
  };
  const other = { objective: margin(), weight: 1 };
  const [a, b] = [await lossOf([classification()]), await lossOf([other])];
  const mixed = await lossOf([
    { ...classification(), weight: 0.5 },
    { ...other, weight: 0.25 },
  ]);
  expect(mixed).toBeCloseTo(0.5 * a + 0.25 * b, 5);
});

test('an image network learns to copy', async () => {
  const losses: number[] = [];
  const { network } = await train({
    ...small({ steps: 25, schedule: constant(0.02) }),
    network: uNet({ ...size, filters: [4, 8] }),
    losses: [squaredError([3, 32, 32])],
    batches: (step) => {
      const { images } = shuffled(examples, { size: 8, seed: 1 })(step);
      return { images, given: { targets: images } };
    },
    onProgress: (p) => {
      expect(p.accuracy).toBeUndefined();
      losses.push(p.loss);
    },
  });
  expect(network.graph.outputs[0]?.shape).toEqual(['N', 3, 32, 32]);
  expect(losses.at(-1)).toBeLessThan(0.5 * (losses[0] as number));
});

test('a batch without what a loss asks for is refused', async () => {
  const images = tensor(new Float32Array(2 * 3 * 1024), [2, 3, 32, 32]);
  expect(
    await told({ 'no labels': () => train(small({ batches: () => ({ images }) })) }),
  ).toMatchInlineSnapshot(
    `"no labels: TRAINING_BATCH convnet: The batch has no "labels", which a loss asks for. | Return "labels" with each batch."`,
  );
});

test('the progress line', () => {
  const progress = { step: 120, steps: 1000, loss: 1.2341, rate: 0.1, norm: 2, imagesPerSecond: 812.4 };
  expect(progressLine({ ...progress, accuracy: 0.5623, secondsLeft: 191.7 })).toBe(
    'step 120/1000  812 images/s  loss 1.234  accuracy 56.2 %  3:12 left',
  );
  expect(progressLine({ ...progress, accuracy: undefined, secondsLeft: 3725 })).toBe(
    'step 120/1000  812 images/s  loss 1.234  1:02:05 left',
  );
});
