import { expect, test } from 'vitest';
import { filled } from '../../test/small-models.ts';
import { createSession } from '../runtime/index.ts';
import type { Tensor } from '../tensor/index.ts';
import { classification, convNet, type Loss, lossGraph, openStep, sgd, weightsOf } from './index.ts';

const size = { height: 8, width: 8, seed: 3 };
const network = convNet({ ...size, classes: 4, widths: [6, 8], dropout: 0.2 });
const count = 6;
const images = filled('images', [count, 3, 8, 8]);
const others = filled('others', [count, 3, 8, 8], 0.3, 1);
const labels = Array.from({ length: count }, (_, i) => i % 4);

/** ‖f(x) − f(others)‖², as losses of robust training have it. */
const apart: Loss = {
  objective: {
    key: 'apart',
    build(b, net, given) {
      const other = net.run(given('others', { dtype: 'float32', shape: b.shape(net.images) }));
      const difference = b.op('Sub', [net.logits, other.logits]);
      return b.op('ReduceSum', [b.op('Mul', [difference, difference]), b.ints([1])], { keepdims: 0 });
    },
  },
  weight: 0.5,
};

test('a loss that runs the network again shares its weights and masks', () => {
  const [plain, again] = [
    lossGraph(network, [classification()]),
    lossGraph(network, [classification(), apart]),
  ];
  const inputs = (graph: typeof plain.graph): string[] => graph.inputs.map((i) => i.name);
  expect(inputs(again.graph)).toEqual([...inputs(plain.graph), 'others']);
  expect(again.graph.initializers.size).toBeLessThan(plain.graph.initializers.size + 4);
  expect(again.form.masks.length).toBe(1);
});

test('what it learns are the statistics of the first run', async () => {
  const [plain, again] = await Promise.all(
    [[classification()], [classification(), apart]].map(async (losses) => {
      const step = await openStep({ network, losses, optimizer: sgd(), seed: 1 });
      const { state } = await step.run(step.start, { images, labels, given: { others } }, 0.1);
      await step.release();
      return state.weights;
    }),
  );
  for (const name of network.statistics) {
    const [a, b] = [plain?.[name] as Tensor, again?.[name] as Tensor];
    for (const [i, v] of a.data.entries()) expect(b.data[i]).toBeCloseTo(v, 6);
  }
  const [first] = network.parameters as [string];
  expect(again?.[first]?.data).not.toEqual(plain?.[first]?.data);
});

test('its gradients are those of finite differences, through both runs', async () => {
  // Bends, at which differences mislead, made smooth.
  const smooth = new Map([
    ['Relu', 'Softplus'],
    ['MaxPool', 'AveragePool'],
  ]);
  const bent = convNet({ ...size, classes: 4, widths: [6, 8] });
  const nodes = bent.graph.nodes.map((n) => ({ ...n, op: smooth.get(n.op) ?? n.op }));
  const plain = { ...bent, graph: { ...bent.graph, nodes } };
  const forward = lossGraph(plain, [apart]);
  const session = await createSession(forward.graph, { name: 'loss' });
  const weights = weightsOf(plain);
  const lossAt = async (changed: Record<string, Tensor>): Promise<number> => {
    const feeds = { input: images, others, ...weights, ...changed };
    return (await session.run(feeds, [forward.loss]))[forward.loss]?.data[0] as number;
  };
  const step = await openStep({ network: plain, losses: [apart], optimizer: sgd(), seed: 1 });
  const { gradients, loss } = await step.run(step.start, { images, given: { others } }, 0, {
    gradients: true,
  });
  await step.release();
  expect(loss).toBeCloseTo(await lossAt({}), 5);
  for (const name of plain.parameters) {
    const [w, g] = [weights[name] as Tensor, gradients?.[name]?.data as Float32Array];
    const norm = Math.hypot(...g);
    // What a normalization undoes, and what both runs share, has gradient 0, of which rounding is left.
    if (norm < 1e-3) continue;
    const at = (distance: number): Promise<number> =>
      lossAt({ [name]: { ...w, data: w.data.map((v, i) => v + (distance * (g[i] as number)) / norm) } });
    const slope = async (h: number): Promise<number> => ((await at(h)) - (await at(-h))) / (2 * h);
    const estimate = (4 * (await slope(0.01)) - (await slope(0.02))) / 3;
    expect({ name, close: Math.abs(estimate - norm) / norm < 5e-3 }).toEqual({ name, close: true });
  }
  await session.release();
});

test('what two losses are given is given once', () => {
  const { given, graph } = lossGraph(network, [classification(), classification({ smoothing: 0.1 })]);
  expect(given).toEqual({ labels: 'labels' });
  expect(graph.inputs.filter((i) => i.name === 'labels')).toEqual([
    { name: 'labels', dtype: 'int64', shape: ['N'] },
  ]);
});
