import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createSession, type Session } from 'advarena/runtime';
import { type AnyTensor, int64, median, randomOf, sizeOf, type Tensor } from 'advarena/tensor';
import {
  classification,
  convNet,
  fold,
  lossGraph,
  mobileNet,
  type Network,
  openStep,
  resNet,
  sgd,
  vit,
  weightsOf,
} from 'advarena/training';
import { cpuOf } from './cpu.ts';

// A training step (forward, backward, update) against the training-mode forward pass of the same loss (weights as
// inputs, statistics of the batch) and against inference with folded weights, all at one batch size: CPU time of one
// thread, alternating in one process, medians. `node --conditions=advarena-source benchmarks/training.ts`.

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    batch: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '11' },
  },
});
const [batch, rounds] = [Number(values.batch), Number(values.rounds)];
if (![batch, rounds].every((n) => Number.isInteger(n) && n > 0)) {
  process.stderr.write('Give whole numbers: --batch, --rounds.\n');
  process.exit(2);
}

const photograph = { classes: 16, height: 64, width: 64, seed: 1 };
const networks: Record<string, Network> = {
  'resnet-20, 32 px': resNet({ classes: 10, height: 32, width: 32, seed: 1, depth: 20 }),
  'resnet-8, 64 px': resNet({ ...photograph, depth: 8, filters: 16, stride: 2 }),
  'convnet, 64 px': convNet({ ...photograph, stride: 2 }),
  'mobilenet, 64 px': mobileNet({ ...photograph, stride: 2 }),
  'vit, 64 px': vit({ ...photograph, patch: 8 }),
};

function run(session: Session, feeds: Readonly<Record<string, AnyTensor>>): () => Promise<unknown> {
  const names = new Set(session.inputs.map((i) => i.name));
  const given = Object.fromEntries(Object.entries(feeds).filter(([name]) => names.has(name)));
  return () => session.run(given);
}

const results: Record<string, Record<string, number>> = {};
for (const [name, network] of Object.entries(networks)) {
  const [input] = network.graph.inputs;
  const shape = [batch, ...(input?.shape ?? []).slice(1).map(Number)];
  const images: Tensor = { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) };
  randomOf(1, 'benchmark').stream('images', 'pixels', 0).fillUniform(images.data, 0, 1);
  const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
  const losses = [classification()];
  const step = await openStep({ network, losses, optimizer: sgd({ momentum: 0.9 }), seed: 1 });
  const plain = lossGraph(network, losses);
  const feeds = { ...weightsOf(network), [input?.name as string]: images };
  const training = await createSession(plain.graph, { name });
  const inference = await createSession(fold(network.graph), { name });
  const forms = {
    step: () => step.run(step.start, { images, labels }, 0.1),
    forward: run(training, { ...feeds, [plain.given['labels'] as string]: int64(labels) }),
    folded: run(inference, feeds),
  };
  const times: Record<string, number[]> = {};
  for (const work of Object.values(forms)) await work();
  for (let i = 0; i < rounds; i++)
    for (const [form, work] of Object.entries(forms)) (times[form] ??= []).push(await cpuOf(work, 100));
  const [s, f, i] = Object.keys(forms).map((form) => median(times[form] ?? [])) as [number, number, number];
  results[name] = { batch, stepMs: s, forwardMs: f, foldedMs: i, toForward: s / f, toFolded: s / i };
  process.stdout.write(
    `${name.padEnd(20)} step ${s.toFixed(1)} ms, training forward ${f.toFixed(1)}, folded ${i.toFixed(1)}: ratios ${(s / f).toFixed(2)} and ${(s / i).toFixed(2)}\n`,
  );
  for (const session of [step, training, inference]) await session.release();
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
