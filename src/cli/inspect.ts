import { Command } from 'commander';
import { inspect } from '../autodiff/index.ts';
import { readGraph } from '../models/index.ts';
import { inspectionText } from '../report/index.ts';
import { terminal } from './terminal.ts';

export function inspectCommand(): Command {
  return new Command('inspect')
    .description(
      'What a graph consists of: operators, which have gradients, what blocks, what looks suspicious.',
    )
    .argument('<model>', 'ONNX file')
    .option('--of <name>', 'output to differentiate; the first by default')
    .option('--wrt <name>', 'tensor to differentiate with respect to; the first input by default')
    .option('--json', 'one JSON object on stdout')
    .action(async (path: string, options: { json?: boolean; of?: string; wrt?: string }) => {
      const graph = await readGraph(path);
      const { json, ...ends } = options;
      const result = inspect(graph, ends);
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ model: path, ...result })}\n`
          : `${inspectionText(path, result, terminal())}\n`,
      );
    });
}
