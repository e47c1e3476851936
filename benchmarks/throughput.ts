import { pgd } from 'advarena/attacks';
import { attackJob, makeImages, predictJob, resolveAttack } from 'advarena/judge';
import {
  type Classifier,
  crossEntropy,
  differentiate,
  type ImageGraph,
  loadModel,
  networkGraph,
  readNetwork,
} from 'advarena/models';
import { createSession, defaultHosts, openHosts, planShards } from 'advarena/runtime';
import { int64, median, randomOf, rows, sizeOf, type Tensor } from 'advarena/tensor';
import { cpuOf } from './cpu.ts';

const options = { steps: 10 };
/** What is asked of every batch. Pixels are uniform noise, no levels. */
const assigned = {
  limit: { norm: 'linf', epsilon: 8 / 255 },
  pixels: 'float32',
  goal: 'untargeted',
  seed: '1',
} as const;

/** Images per second of wall time over all hosts, and the share of PGD's CPU time outside the runtime. */
export async function measureThroughput(
  file: string,
): Promise<{ forwardPerSecond: number; pgd10PerSecond: number; outsideShare: number }> {
  const model = await loadModel(file);
  const hosts = openHosts({ count: defaultHosts() });
  const subject = { model: { file }, name: model.name };
  const forward = async (count: number): Promise<void> => {
    const images = pixels(model, count);
    await Promise.all(
      planShards(count, hosts.size, shardRows(model, count, hosts.size)).map(([from, to]) =>
        hosts.run(predictJob({ subject, ids: ids(from, to), images: rows(images, from, to) })),
      ),
    );
  };
  const attackAll = async (count: number): Promise<void> => {
    const images = pixels(model, count);
    await Promise.all(
      planShards(count, hosts.size, shardRows(model, count, hosts.size)).map(([from, to]) =>
        hosts.run(
          attackJob({
            model: subject,
            attack: { name: pgd.name, options },
            ...assigned,
            ids: ids(from, to),
            images: rows(images, from, to),
            labels: new Int32Array(to - from),
          }),
        ),
      ),
    );
  };
  const forwardPerSecond = await rate(forward, model.rowsPerRun * hosts.size);
  const pgd10PerSecond = await rate(attackAll, model.rowsPerRun * hosts.size);
  await hosts.close();
  return { forwardPerSecond, pgd10PerSecond, outsideShare: await outside(file, model) };
}

/** Shards as `attack` cuts them. */
function shardRows(model: Classifier, count: number, hosts: number): number {
  return Math.max(model.rowsPerRun, Math.ceil(count / (hosts * 8)));
}

/** Grows the work until it takes seconds, then measures it three times: images per second, the median. */
async function rate(work: (count: number) => Promise<void>, least: number): Promise<number> {
  let count = least;
  await work(count);
  for (;;) {
    const seconds = await timed(() => work(count));
    if (seconds > 2 || count >= 16384) break;
    count *= seconds > 0.5 ? 2 : 4;
  }
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push(await timed(() => work(count)));
  return count / median(times);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/**
 * CPU time of PGD-10 in this process against that of the same runs of the runtime alone, alternating: what is left
 * is the attack's own work and the copying around it.
 */
async function outside(file: string, model: Classifier): Promise<number> {
  const read = await readNetwork(file);
  const graph: ImageGraph = networkGraph(read.graph, read.sidecar(), { name: read.name });
  const batch = model.rowsPerRun;
  const images = pixels(model, batch);
  const objective = crossEntropy();
  const session = await createSession(differentiate(graph, objective).graph, { name: file });
  const forward = await createSession(graph.graph, { name: file });
  const resolved = resolveAttack({ name: pgd.name, options });
  const labels = new Int32Array(batch);
  const attackOnce = (): Promise<unknown> =>
    makeImages({ model }, resolved, { ...assigned, ids: ids(0, batch), images, labels });
  const runsOnly = async (): Promise<void> => {
    for (let i = 0; i < options.steps; i++) await session.run({ images, labels: int64(labels) });
    await forward.run({ images });
  };
  const whole: number[] = [];
  const inside: number[] = [];
  await attackOnce();
  await runsOnly();
  for (let i = 0; i < 9; i++) {
    whole.push(await cpuOf(attackOnce, 100));
    inside.push(await cpuOf(runsOnly, 100));
  }
  await session.release();
  await forward.release();
  await model.release();
  return Math.max(0, 1 - median(inside) / median(whole));
}

function pixels(model: Classifier, count: number): Tensor {
  const { channels, height, width } = model.input;
  const shape = [count, channels, height, width];
  const images: Tensor = { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) };
  randomOf(1, 'benchmark').stream('images', 'pixels', 0).fillUniform(images.data, 0, 1);
  return images;
}

function ids(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i));
}
