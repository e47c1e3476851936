import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGraph } from '../src/models/index.ts';
import { couplesRows, type Graph, GraphBuilder, upgrade } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import { type AnyTensor, numbers, sizeOf } from '../src/tensor/index.ts';
import { caseGraph, caseNames } from './fixtures.ts';
import { randomProgram } from './random-graphs/generate.ts';
import { type Draw, drawn, floatTensor, uniform } from './random-graphs/program.ts';

const names = caseNames();

/** The graph with its first axis named N, as models are loaded. */
function freed(graph: Graph): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map((input, i) =>
      i > 0 || input.shape === undefined ? input : { ...input, shape: ['N', ...input.shape.slice(1)] },
    ),
    outputs: graph.outputs.map((o) => ({ ...o, shape: undefined })),
    values: new Map(),
  };
}

const found = (graph: Graph): string | undefined =>
  couplesRows(upgrade(graph), graph.inputs[0]?.name ?? '')?.op;

describe.skipIf(names.length === 0)('the fixtures (needs the shared ones)', () => {
  test('no false alarm where the batch is free', () => {
    const alarms = names.flatMap((name) => {
      const graph = caseGraph(name);
      if (typeof graph.inputs[0]?.shape?.[0] !== 'string') return [];
      const op = found(graph);
      return op === undefined ? [] : [[name, op]];
    });
    // Its second output is one sum over everything.
    expect(alarms).toEqual([['graph_output_reused', 'ReduceSum']]);
  });

  test('those whose answers for a row change with its neighbours, measured with the batch freed', () => {
    const coupled = {
      batchnorm_training: 'BatchNormalization',
      batchnorm_training_decomposed: 'ReduceMean',
      concat_batch: 'Concat',
      dynamic_conv_integer: 'DynamicQuantizeLinear',
      dynamic_matmul_integer: 'DynamicQuantizeLinear',
      dynamic_qdq: 'DynamicQuantizeLinear',
      graph_scalar_output: 'ReduceMean',
      logsoftmax_axis0: 'LogSoftmax',
      logsoftmax_opset7_axis0: 'LogSoftmax',
      mvn: 'MeanVarianceNormalization',
      reduce_logsumexp_all: 'ReduceLogSumExp',
      reduce_max_all: 'ReduceMax',
      reduce_prod_all: 'ReduceProd',
      scale_by_size: 'ReduceSum',
      scan_recurrence: 'Scan',
      softmax_axis0: 'Softmax',
      softmax_opset7_axis0: 'Softmax',
    };
    const ops = Object.keys(coupled).map((name) => [name, found(freed(caseGraph(name)))]);
    expect(Object.fromEntries(ops)).toEqual(coupled);
  });
});

const data = path.join(process.env['ADVARENA_SHARED'] ?? '../shared', 'data');
const models = [
  ...globSync('zoo/*/model.onnx'),
  ...(existsSync(data) ? globSync(path.join(data, '*', '*.onnx')) : []),
].toSorted();

test.for(models)('no false alarm: %s', async (file) => {
  expect(found(freed(await readGraph(file)))).toBeUndefined();
});

/** Of four rows, the first of which stays: by how much its answer changes, against the largest entry. */
async function change(graph: Graph, shape: readonly number[], next: () => number): Promise<number> {
  const { dtype } = graph.inputs[0] ?? { dtype: 'float32' };
  const row = sizeOf(shape);
  const first = Array.from({ length: row }, () => 3 * next() - 1.5);
  const session = await createSession(graph, { name: 'random' });
  const answer = async (): Promise<number[]> => {
    const x = [...first, ...Array.from({ length: 3 * row }, () => 3 * next() - 1.5)];
    const [y] = Object.values(await session.run({ x: floatTensor(x, [4, ...shape], dtype) }));
    return numbers(y as AnyTensor).slice(0, (y as AnyTensor).data.length / 4);
  };
  const [p, q] = [await answer(), await answer()];
  await session.release();
  const largest = p.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-6);
  return p.reduce((most, v, i) => Math.max(most, Math.abs(v - (q[i] as number))), 0) / largest;
}

test('random graphs that couple rows are found, and few others', async () => {
  const counts = { coupled: 0, free: 0, alarms: 0 };
  const missed: string[] = [];
  const property = fc.asyncProperty(fc.gen(), async (choose) => {
    const draw: Draw = { int: (min, max) => choose(fc.integer, { min, max }) };
    const { program, of } = randomProgram(draw);
    const next = uniform(draw.int(0, 2 ** 30));
    if (!program.options.free || of === 'x') return;
    const values = program.parameters.map(
      (p) => [p.name, floatTensor(drawn(p, next), p.shape, program.options.dtype)] as const,
    );
    const graph = program.graph(of, Object.fromEntries(values));
    // An answer has a row per image: what is transposed or summed to a scalar has none.
    const [rows, ...rest] = new GraphBuilder(graph).shape(of) ?? [];
    if (rows !== 'N' || rest.some((d) => typeof d === 'string')) return;
    const coupled = (await change(graph, program.options.shape.slice(1), next)) > 1e-4;
    const op = found(graph);
    counts[coupled ? 'coupled' : 'free']++;
    if (coupled && op === undefined) missed.push(program.text);
    if (!coupled && op !== undefined) counts.alarms++;
  });
  await fc.assert(property, { numRuns: 2000, seed: 1 });
  expect(missed).toEqual([]);
  expect(counts.coupled).toBeGreaterThan(10);
  // Some of what is computed over the batch does not reach the output: a maximum with something larger, a factor 0.
  expect(counts.alarms).toBeLessThan(0.02 * counts.free);
});
