import { defaultOutput, gradient as gradientOf } from '../../autodiff/index.ts';
import { crossEntropy, inputTensor, netWithin, readGraph } from '../../models/index.ts';
import {
  beforeMaps,
  type Graph,
  GraphBuilder,
  namesIn,
  neededInputs,
  readModel,
  sameShape,
  upgrade,
  type ValueInfo,
  writeModel,
} from '../../onnx/index.ts';
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
import { takingSizes } from '../sizes.ts';
import { collect, noSidecar, readArray, settingOf } from '../values.ts';

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
      .requiredOption(
        '--input <file>',
        'input.npy, or for several inputs NAME=FILE or NAME=number, repeated',
        collect,
        [],
      )
      .option('--labels <file>', 'labels.npy: differentiate the sum of the softmax cross-entropy')
      .option('--cotangent <file>', 'cotangent.npy: differentiate the sum of output * cotangent')
      .requiredOption('--output <file>', 'where the gradient is written, .npy', noSidecar('--output', '.npy'))
      .option('--wrt <name>', 'input to differentiate with respect to; the only float input by default')
      .option('--of <name>', 'output to differentiate; the first of a float type by default')
      .addOption(deviceOption())
      .action((model: string, options: Options) => run(model, options)),
});

async function run(path: string, options: Options): Promise<void> {
  if ((options.labels === undefined) === (options.cotangent === undefined))
    throw new AdvarenaError('ARGUMENT', 'Give either --labels or --cotangent.', {
      remedy: '--labels y.npy for the cross-entropy, --cotangent c.npy for the sum of output * cotangent.',
    });
  const outputs = await openOutputs({ files: [options.output] });
  const read = await readGraph(path);
  const inputs = await readInputs(read, options.input, path);
  const shapes = new Map(Object.entries(inputs).map(([name, { shape }]) => [name, shape]));
  const remedy = 'Save arrays of another size: the one that the network was trained for, if in doubt.';
  const needed = { ...read, inputs: neededInputs(read) };
  const graph = naming(path, () => takingSizes(needed, shapes, remedy));
  const of = outputOf(graph, options.of);
  const wrt = options.wrt ?? onlyFloat(graph);
  if (!namesIn(graph).has(wrt))
    throw new AdvarenaError('ARGUMENT', `The graph has no tensor "${wrt}".`, {
      where: path,
      remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}.`,
    });
  const feeds: Record<string, AnyTensor> = { ...inputs };
  let extended: Graph;
  let cotangent: AnyTensor | undefined;
  if (options.cotangent === undefined) {
    const b = naming(path, () => new GraphBuilder(upgrade(graph)));
    const file = options.labels as string;
    const checked = checkLabels(await readArray(file), file, {
      rows: inputs[wrt]?.shape[0],
      classes: classesOf(b, of, path),
    });
    // The network may have a tensor of that name.
    const labels = b.input('labels', checked.dtype, checked.shape);
    feeds[labels] = checked;
    const net = netWithin(b, { graph, images: wrt, logits: of, outputs: {} });
    const value = crossEntropy().build(b, net, () => labels);
    extended = naming(path, () => gradientOf(b.finish(), { of: value, wrt: [wrt], keep: [of] }));
  } else {
    extended = naming(path, () => gradientOf(graph, { of, wrt: [wrt], cotangent: 'input', keep: [of] }));
    const wanted = extended.inputs.find((i) => !graph.inputs.some((own) => own.name === i.name));
    cotangent = await readArray(options.cotangent);
    if (wanted !== undefined) feeds[wanted.name] = cotangent = asFloat(cotangent, wanted.dtype);
  }
  const missing = extended.inputs.find((i) => feeds[i.name] === undefined);
  if (missing !== undefined)
    throw new AdvarenaError('ARGUMENT', `The input "${missing.name}" is not given.`, {
      remedy: `Write --input ${missing.name}=FILE.`,
    });
  await outputs.spareInputs([options.output]);
  const used = new Set(extended.inputs.map((i) => i.name));
  const work: Evaluation = {
    graph: extended,
    feeds: Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))),
    options: { name: path, device: options.device },
  };
  const results = options.device === 'cpu' ? await evaluate(work) : await evaluateApart(work);
  const [value, result] = extended.outputs.map((o) => results[o.name]) as [AnyTensor, AnyTensor];
  if (cotangent !== undefined) checkCotangent(cotangent, value, { of, file: options.cotangent as string });
  checkShape(result, inputs[wrt], { wrt, path });
  await writeFileAtomic(options.output, writeNpy(result));
}

/** The tensor to differentiate. @throws AdvarenaError ARGUMENT where no output is called so */
function outputOf(graph: Graph, named: string | undefined): string {
  if (named === undefined) return defaultOutput(graph) ?? '';
  if (graph.outputs.some((o) => o.name === named)) return beforeMaps(graph, named);
  throw new AdvarenaError('ARGUMENT', `The graph has no output "${named}".`, {
    remedy: `Its outputs are ${graph.outputs.map((o) => o.name).join(', ')}.`,
  });
}

/** @throws AdvarenaError MODEL_OUTPUT where the output is no table of classes per row */
function classesOf(b: GraphBuilder, of: string, where: string): number {
  const shape = b.shape(of);
  const classes = shape?.[1];
  if (shape?.length === 2 && typeof classes === 'number') return classes;
  const known = shape === undefined ? 'of unknown rank' : `[${shape.join(', ')}]`;
  throw new AdvarenaError('MODEL_OUTPUT', `The output "${of}" is ${known}: labels need [N, classes].`, {
    where,
    remedy: 'Name another output with --of, or give --cotangent in the place of --labels.',
  });
}

/** The runtime would broadcast it. */
function checkCotangent(
  cotangent: AnyTensor,
  value: AnyTensor,
  { of, file }: { of: string; file: string },
): void {
  if (sameShape(cotangent.shape, value.shape)) return;
  throw new AdvarenaError(
    'RUNTIME_INPUT',
    `The array is [${cotangent.shape.join(', ')}], the output "${of}" [${value.shape.join(', ')}].`,
    { where: file, remedy: 'Save a weight for each element of the output, in its shape.' },
  );
}

/** What a model records of its shapes may be wrong, and rules go by it. */
function checkShape(
  found: AnyTensor,
  input: AnyTensor | undefined,
  { wrt, path }: { wrt: string; path: string },
): void {
  if (input === undefined || sameShape(found.shape, input.shape)) return;
  throw new AdvarenaError(
    'GRADIENT_SHAPE',
    `The gradient of "${wrt}" came out as [${found.shape.join(', ')}], which is not its shape [${input.shape.join(', ')}].`,
    {
      where: path,
      remedy: 'The model records wrong shapes of its tensors: export it again, or leave them out.',
    },
  );
}

interface Evaluation {
  graph: Graph | Uint8Array;
  feeds: Record<string, AnyTensor>;
  options: SessionOptions;
}

/** Runs in a host too. */
export async function evaluate(data: unknown): Promise<Record<string, AnyTensor>> {
  const { graph, feeds, options } = data as Evaluation;
  const session = await createSession(graph instanceof Uint8Array ? readModel(graph) : graph, options);
  const out = await session.run(feeds);
  await session.release();
  return out;
}

/** A driver of a graphics card that crashes takes its process along. */
async function evaluateApart(work: Evaluation): Promise<Record<string, AnyTensor>> {
  await using hosts = openHosts({ count: 1 });
  const data = { ...work, graph: writeModel(work.graph as Graph) };
  const job = { module: import.meta.url, name: 'evaluate', data };
  return (await hosts.run(job, { name: work.options.name })) as Record<string, AnyTensor>;
}

/** @throws AdvarenaError LABEL_INVALID, LABEL_MISSING, LABEL_RANGE with the row */
function checkLabels(
  labels: AnyTensor,
  file: string,
  { rows, classes }: { rows: number | undefined; classes: number },
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
  const outside = values.findIndex((v) => v < 0 || v >= classes);
  if (outside >= 0)
    throw new AdvarenaError('LABEL_RANGE', `The label ${values[outside]} is no index of the output.`, {
      where: `${file}, row ${outside}`,
      remedy: `Give indices from 0 to ${classes - 1}.`,
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

async function readInputs(
  graph: Graph,
  given: readonly string[],
  path: string,
): Promise<Record<string, AnyTensor>> {
  const out: Record<string, AnyTensor> = {};
  for (const text of given) {
    const at = text.indexOf('=');
    const named = at > 0 && graph.inputs.some((i) => i.name === text.slice(0, at));
    if (!named && (graph.inputs.length !== 1 || given.length !== 1))
      throw new AdvarenaError('ARGUMENT', `--input ${text} names no input of the graph.`, {
        remedy: `Write --input NAME=FILE for each of ${graph.inputs.map((i) => i.name).join(', ')}.`,
      });
    const input = (
      named ? graph.inputs.find((i) => i.name === text.slice(0, at)) : graph.inputs[0]
    ) as ValueInfo;
    const value = named ? text.slice(at + 1) : text;
    const setting = settingOf(value);
    out[input.name] =
      setting === undefined || typeof setting === 'string'
        ? await readArray(value)
        : inputTensor(input, setting, path);
  }
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
