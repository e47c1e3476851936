import { Command } from 'commander';
import { gradient } from '../autodiff/index.ts';
import { crossEntropy, readGraph } from '../models/index.ts';
import { type Graph, GraphBuilder, upgrade } from '../onnx/index.ts';
import { createSession, writeFileAtomic } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, int64, numbers, writeNpy } from '../tensor/index.ts';
import { readArray } from './values.ts';

interface Options {
  input: string[];
  labels?: string;
  cotangent?: string;
  output: string;
  wrt?: string;
  of?: string;
}

export function gradientCommand(): Command {
  return new Command('gradient')
    .description('Gradient of a graph as it is: its inputs raw, no sidecar, no resize.')
    .argument('<model>', 'ONNX file')
    .requiredOption('--input <file>', 'input.npy, or NAME=FILE, repeated, for several inputs', collect, [])
    .option('--labels <file>', 'labels.npy: differentiate the sum of the softmax cross-entropy')
    .option('--cotangent <file>', 'cotangent.npy: differentiate the sum of output * cotangent')
    .requiredOption('--output <file>', 'where the gradient is written, .npy')
    .option('--wrt <name>', 'input to differentiate with respect to; the only float input by default')
    .option('--of <name>', 'output to differentiate; the first by default')
    .action((model: string, options: Options) => run(model, options));
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

async function run(path: string, options: Options): Promise<void> {
  if ((options.labels === undefined) === (options.cotangent === undefined))
    throw new AdvarenaError('ARGUMENT', 'Give either --labels or --cotangent.', {
      remedy: '--labels y.npy for the cross-entropy, --cotangent c.npy for the sum of output * cotangent.',
    });
  const graph = await readGraph(path);
  const inputs = await readInputs(graph, options.input);
  const of = options.of ?? graph.outputs[0]?.name ?? '';
  if (!graph.outputs.some((o) => o.name === of))
    throw new AdvarenaError('ARGUMENT', `The graph has no output "${of}".`, {
      remedy: `Its outputs are ${graph.outputs.map((o) => o.name).join(', ')}.`,
    });
  const wrt = options.wrt ?? onlyFloat(graph);
  const feeds: Record<string, AnyTensor> = { ...inputs };
  let extended: Graph;
  if (options.cotangent === undefined) {
    const labels = await readArray(options.labels as string);
    const b = new GraphBuilder(upgrade(graph));
    const name = b.input('labels', 'int64', ['N']);
    feeds[name] = int64(numbers(labels));
    const value = crossEntropy().build(b, of, { labels: name });
    extended = gradient(b.finish(), { of: value, wrt: [wrt], keep: [] });
  } else {
    extended = gradient(graph, { of, wrt: [wrt], cotangent: 'input', keep: [] });
    feeds[extended.inputs.at(-1)?.name as string] = await readArray(options.cotangent);
  }
  const used = new Set(extended.inputs.map((i) => i.name));
  const session = await createSession(extended, { name: path });
  const out = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => used.has(name))));
  await session.release();
  const result = out[extended.outputs[0]?.name as string] as AnyTensor;
  await writeFileAtomic(options.output, writeNpy(result));
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
