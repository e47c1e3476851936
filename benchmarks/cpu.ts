import { gradient } from 'advarena/autodiff';
import { crossEntropy, netWithin, readGraph } from 'advarena/models';
import { type Graph, GraphBuilder, upgrade } from 'advarena/onnx';
import { createSession } from 'advarena/runtime';
import { int64, median, randomOf, sizeOf, type Tensor } from 'advarena/tensor';

/**
 * CPU time of one thread: the file's own forward pass against forward with the gradient of the summed
 * cross-entropy with respect to the input, alternating in one process, medians. The network raw: no resize.
 */
export async function measureNetwork(
  file: string,
  batch: number,
  rounds: number,
): Promise<{ forwardCpuMs: number; gradientCpuMs: number; ratio: number }> {
  const graph = await readGraph(file);
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  if (input?.shape === undefined || output === undefined)
    throw new Error(`${file} has no input of known shape`);
  const shape = [batch, ...input.shape.slice(1).map(Number)];
  const images: Tensor = { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) };
  randomOf(1, 'benchmark').stream('images', 'pixels', 0).fillNormal(images.data, 0, 1);
  const labels = int64(Array.from({ length: batch }, () => 0));

  const forward = await createSession(graph, { name: file });
  const backward = await createSession(withGradient(graph, input.name, output.name), { name: file });
  const timeForward = (): Promise<number> => cpuOf(() => forward.run({ [input.name]: images }));
  const timeBackward = (): Promise<number> => cpuOf(() => backward.run({ [input.name]: images, labels }));
  await timeForward();
  await timeBackward();
  const forwards: number[] = [];
  const gradients: number[] = [];
  for (let i = 0; i < rounds; i++) {
    forwards.push(await timeForward());
    gradients.push(await timeBackward());
  }
  await forward.release();
  await backward.release();
  const [f, g] = [median(forwards), median(gradients)];
  return { forwardCpuMs: f, gradientCpuMs: g, ratio: g / f };
}

function withGradient(graph: Graph, input: string, logits: string): Graph {
  const network = upgrade(graph);
  const b = new GraphBuilder(network);
  const net = netWithin(b, { graph: network, images: input, logits, outputs: {} });
  const value = crossEntropy().build(b, net, (name, { dtype }) => b.input(name, dtype, ['N']));
  return gradient(b.finish(), { of: value, wrt: [input], keep: [logits] });
}

/** Milliseconds of CPU; short work is repeated until the clock can see it, for `least` milliseconds. */
export async function cpuOf(work: () => Promise<unknown>, least = 30): Promise<number> {
  const start = process.cpuUsage();
  const since = performance.now();
  let runs = 0;
  do {
    await work();
    runs++;
  } while (performance.now() - since < least);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000 / runs;
}
