import { gradient as gradientOf } from '../../autodiff/index.ts';
import { crossEntropy, givenTo, netWithin, readGraph } from '../../models/index.ts';
import { type Graph, GraphBuilder, namesIn, readModel, upgrade, writeModel } from '../../onnx/index.ts';
import {
  createSession,
  type Device,
  openHosts,
  openOutputs,
  type SessionOptions,
  writeFileAtomic,
} from '../../runtime/index.ts';
import {
  AdvarenaError,
  type AnyTensor,
  type DType,
  int64,
  numbers,
  tensor,
  toHalf,
  writeNpy,
} from '../../tensor/index.ts';
import { defineCommand } from '../command.ts';
import { deviceOption } from '../device.ts';
import { naming } from '../naming.ts';
import { readArray } from '../values.ts';

interface Options {
  input: string[];
  labels?: string;
  cotangent?: string;
  output: string;
  wrt?: string;
  of?: string;
  device: Device;
}

export const gradient = defineCommand({
  name: 'gradient',
  summary: 'Gradient of a graph as it is: its inputs raw, no sidecar, no resize.',
  build: (command) =>
    command
      .argument('<model>', 'ONNX file')
      .requiredOption('--input <file>', 'input.npy, or NAME=FILE, repeated, for several inputs', collect, [])
      .option('--labels <file>', 'labels.npy: differentiate the sum of the softmax cross-entropy')
      .option('--cotangent <file>', 'cotangent.npy: differentiate the sum of output * cotangent')
      .requiredOption('--output <file>', 'where the gradient is written, .npy')
      .option('--wrt <name>', 'input to differentiate with respect to; the only float input by default')
      .option('--of <name>', 'output to differentiate; the first by default')
      .addOption(deviceOption())
      .action((model: string, options: Options) => run(model, options)),
});

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

async function run(path: string, options: Options): Promise<void> {
  if ((options.labels === undefined) === (options.cotangent === undefined))
    throw new AdvarenaError('ARGUMENT', 'Give either --labels or --cotangent.', {
      remedy: '--labels y.npy for the cross-entropy, --cotangent c.npy for the sum of output * cotangent.',
    });
  const outputs = await openOutputs({ files: [options.output] });
  const graph = await readGraph(path);
  const inputs = await readInputs(graph, options.input);
  const of = options.of ?? graph.outputs[0]?.name ?? '';
  if (!graph.outputs.some((o) => o.name === of))
    throw new AdvarenaError('ARGUMENT', `The graph has no output "${of}".`, {
      remedy: `Its outputs are ${graph.outputs.map((o) => o.name).join(', ')}.`,
    });
  const wrt = options.wrt ?? onlyFloat(graph);
  if (!namesIn(graph).has(wrt))
    throw new AdvarenaError('ARGUMENT', `The graph has no tensor "${wrt}".`, {
      where: path,
      remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}.`,
    });
  const feeds: Record<string, AnyTensor> = { ...inputs };
  let extended: Graph;
  if (options.cotangent === undefined) {
    const b = new GraphBuilder(upgrade(graph));
    const file = options.labels as string;
    const { given } = givenTo(b);
    feeds['labels'] = checkLabels(await readArray(file), file, {
      rows: inputs[wrt]?.shape[0],
      classes: b.shape(of)?.[1],
    });
    const net = netWithin(b, { graph, images: wrt, logits: of, outputs: {} });
    const value = crossEntropy().build(b, net, given);
    extended = naming(path, () => gradientOf(b.finish(), { of: value, wrt: [wrt], keep: [] }));
  } else {
    extended = naming(path, () => gradientOf(graph, { of, wrt: [wrt], cotangent: 'input', keep: [] }));
    const wanted = extended.inputs.find((i) => !graph.inputs.some((own) => own.name === i.name));
    if (wanted !== undefined) feeds[wanted.name] = asFloat(await readArray(options.cotangent), wanted.dtype);
  }
  await outputs.spareInputs([options.output]);
  const used = new Set(extended.inputs.map((i) => i.name));
  const work: Evaluation = {
    graph: extended,
    feeds: Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))),
    output: extended.outputs[0]?.name as string,
    options: { name: path, device: options.device },
  };
  const result = options.device === 'cpu' ? await evaluate(work) : await evaluateApart(work);
  await writeFileAtomic(options.output, writeNpy(result));
}

interface Evaluation {
  graph: Graph | Uint8Array;
  feeds: Record<string, AnyTensor>;
  output: string;
  options: SessionOptions;
}

/** Runs in a host too. */
export async function evaluate(data: unknown): Promise<AnyTensor> {
  const { graph, feeds, output, options } = data as Evaluation;
  const session = await createSession(graph instanceof Uint8Array ? readModel(graph) : graph, options);
  const out = await session.run(feeds);
  await session.release();
  return out[output] as AnyTensor;
}

/** A driver of a graphics card that crashes takes its process along. */
async function evaluateApart(work: Evaluation): Promise<AnyTensor> {
  await using hosts = openHosts({ count: 1 });
  const data = { ...work, graph: writeModel(work.graph as Graph) };
  const job = { module: import.meta.url, name: 'evaluate', data };
  return (await hosts.run(job, { name: work.options.name })) as AnyTensor;
}

/** @throws AdvarenaError LABEL_INVALID, LABEL_MISSING, LABEL_RANGE with the row */
function checkLabels(
  labels: AnyTensor,
  file: string,
  { rows, classes }: { rows: number | undefined; classes: number | string | undefined },
): AnyTensor {
  if (labels.shape.length !== 1 || /^(float|bfloat|bool)/.test(labels.dtype))
    throw new AdvarenaError('LABEL_INVALID', `The array is ${labels.dtype} [${labels.shape.join(', ')}].`, {
      where: file,
      remedy: 'Save labels as whole numbers of shape [N], type int64.',
    });
  const values = numbers(labels);
  if (rows !== undefined && values.length !== rows)
    throw new AdvarenaError('LABEL_MISSING', `${values.length} labels for ${rows} rows of the input.`, {
      where: file,
      remedy: 'Save one label per row.',
    });
  const outside = values.findIndex((v) => v < 0 || (typeof classes === 'number' && v >= classes));
  if (outside >= 0)
    throw new AdvarenaError('LABEL_RANGE', `The label ${values[outside]} is no index of the output.`, {
      where: `${file}, row ${outside}`,
      remedy:
        typeof classes === 'number'
          ? `Give indices from 0 to ${classes - 1}.`
          : 'Give output indices, counted from 0.',
    });
  return int64(values);
}

/** A cotangent saved in another float type is as good. */
function asFloat(t: AnyTensor, dtype: DType): AnyTensor {
  if (t.dtype === dtype || (t.dtype !== 'float32' && t.dtype !== 'float64')) return t;
  if (dtype === 'float64') return tensor(Float64Array.from(t.data), t.shape, dtype);
  if (dtype === 'float32') return tensor(Float32Array.from(t.data), t.shape, dtype);
  return dtype === 'float16' ? tensor(Uint16Array.from(t.data, toHalf), t.shape, dtype) : t;
}

async function readInputs(graph: Graph, given: readonly string[]): Promise<Record<string, AnyTensor>> {
  const out: Record<string, AnyTensor> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    const named = at > 0 && graph.inputs.some((i) => i.name === text.slice(0, at));
    if (!named && (graph.inputs.length !== 1 || given.length !== 1))
      throw new AdvarenaError('ARGUMENT', `--input ${text} names no input of the graph.`, {
        remedy: `Write --input NAME=FILE for each of ${graph.inputs.map((i) => i.name).join(', ')}.`,
      });
    out[named ? text.slice(0, at) : (graph.inputs[0]?.name as string)] = await readArray(
      named ? text.slice(at + 1) : text,
    );
  }
  const missing = graph.inputs.find((i) => out[i.name] === undefined);
  if (missing !== undefined)
    throw new AdvarenaError('ARGUMENT', `The input "${missing.name}" is not given.`, {
      remedy: `Write --input ${missing.name}=FILE.`,
    });
  return out;
}

function onlyFloat(graph: Graph): string {
  const floats = graph.inputs.filter((i) => i.dtype.startsWith('float') || i.dtype === 'bfloat16');
  if (floats.length !== 1 || floats[0] === undefined)
    throw new AdvarenaError('ARGUMENT', `The graph has ${floats.length} inputs of float type.`, {
      remedy: `Say which with --wrt: ${graph.inputs.map((i) => i.name).join(', ')}.`,
    });
  return floats[0].name;
}
