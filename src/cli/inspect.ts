import { styleText } from 'node:util';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type Inspection, inspect } from '../autodiff/index.ts';
import { readGraph } from '../models/index.ts';
import type { ValueInfo } from '../onnx/index.ts';

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
        json === true ? `${JSON.stringify({ model: path, ...result })}\n` : describe(path, result),
      );
    });
}

const value = (v: ValueInfo): string =>
  `${v.name} ${v.dtype} ${v.shape === undefined ? 'of unknown rank' : `[${v.shape.join(', ')}]`}`;

function describe(path: string, i: Inspection): string {
  const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
  const lines = [
    bold(path),
    `opset ${i.opset}, ${i.parameters.toLocaleString('en')} parameters`,
    ...i.inputs.map((v) => `input   ${value(v)}`),
    ...i.outputs.map((v) => `output  ${value(v)}`),
    '',
  ];
  const table = new Table({
    head: ['operator', 'count', 'gradient'],
    colAligns: ['left', 'right', 'left'],
    style: { head: [], border: [], compact: true },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      right: '',
      middle: '  ',
      mid: '',
      'mid-mid': '',
      'left-mid': '',
      'right-mid': '',
    },
  });
  for (const o of i.operators)
    table.push([
      o.operator,
      o.count,
      o.gradient === 'rule' ? 'yes' : o.gradient === 'zero' ? `zero: ${o.reason ?? ''}` : 'missing',
    ]);
  lines.push(table.toString(), '');
  lines.push(
    i.differentiable
      ? 'The gradient can be had.'
      : bold(
          `The gradient is blocked by ${i.blocking.length} ${i.blocking.length === 1 ? 'node' : 'nodes'}:`,
        ),
  );
  for (const b of i.blocking) lines.push(`  ${b.node}`, `    fix: ${b.remedy}`);
  for (const z of i.zeroPaths) lines.push(`  zero through ${z.node}: ${z.reason}`);
  for (const f of i.flags) lines.push(`${f.code}  ${f.message}`);
  return `${lines.join('\n')}\n`;
}
