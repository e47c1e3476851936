import { gradient, inspect as inspectGraph } from '../../autodiff/index.ts';
import { readGraph } from '../../models/index.ts';
import { writeModel } from '../../onnx/index.ts';
import { inspectionText } from '../../report/index.ts';
import { openOutputs, writeFileAtomic } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { defineCommand } from '../command.ts';
import { naming } from '../naming.ts';
import { sized } from '../sizes.ts';
import { terminal } from '../terminal.ts';
import { collect, noSidecar } from '../values.ts';

interface Options {
  json?: boolean;
  of?: string;
  wrt?: string;
  gradient?: string;
  size: string[];
}

export const inspect = defineCommand({
  name: 'inspect',
  summary:
    'What a graph consists of: operators, which have gradients, what blocks, what it costs, what looks suspicious.',
  build: (command) =>
    command
      .argument('<model>', 'ONNX file')
      .option('--of <name>', 'output to differentiate; the first of a float type by default')
      .option('--wrt <name>', 'tensor to differentiate with respect to; the first input by default')
      .option(
        '--size <sizes>',
        'free sizes behind the first axis of that input, 224x224 or one number for all; NAME=224x224, repeated, for others',
        collect,
        [],
      )
      .option(
        '--gradient <file>',
        'write the graph with its gradient, .onnx: a further input "cotangent" weighs the output, a further output has the gradient',
        noSidecar('--gradient', '.onnx'),
      )
      .option('--json', 'one JSON object on stdout')
      .action((model: string, options: Options) => run(model, options)),
});

async function run(model: string, { json, gradient: file, size, ...ends }: Options): Promise<void> {
  const outputs = await openOutputs({ files: [file] });
  const read = await readGraph(model);
  await outputs.spareInputs([file]);
  const graph = naming(model, () => sized(read, size, ends.wrt ?? read.inputs[0]?.name));
  const result = naming(model, () => inspectGraph(graph, ends));
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ model, ...result })}\n`
      : `${inspectionText(model, result, terminal())}\n`,
  );
  const { of, wrt } = result.path;
  if (file === undefined || of === undefined || wrt === undefined) return;
  const [free] = result.missingSizes;
  if (free !== undefined)
    throw new AdvarenaError('SIZE_NEEDED', `The gradient needs the sizes that "${free.input}" leaves free.`, {
      where: model,
      remedy: `Give them with --size: ${free.axes.map(() => 224).join('x')}, for instance.`,
    });
  const extended = naming(model, () => gradient(graph, { of, wrt: [wrt], cotangent: 'input' }));
  await writeFileAtomic(file, writeModel(extended));
}
