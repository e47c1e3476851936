import type { Inspection } from '../autodiff/index.ts';
import type { ValueInfo } from '../onnx/index.ts';
import { painter, type TextOptions, textTable, wrap } from './table.ts';

/** What a graph consists of, as text for a terminal. Ends without a line break. */
export function inspectionText(
  name: string,
  inspection: Inspection,
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const paint = painter(colour);
  const i = inspection;
  const operators = textTable(
    [
      {
        columns: [{ head: 'operator' }, { head: 'count', align: 'right' }, { head: 'gradient' }],
        rows: i.operators.map((o) => [
          o.operator,
          String(o.count),
          o.gradient === 'rule' ? 'yes' : o.gradient === 'zero' ? `zero: ${o.reason ?? ''}` : 'missing',
        ]),
      },
    ],
    { paint, width, shrink: 2 },
  );
  const blocked = `The gradient is blocked by ${i.blocking.length} ${i.blocking.length === 1 ? 'node' : 'nodes'}:`;
  return [
    [
      paint('bold', name),
      `opset ${i.opset}, ${i.parameters.toLocaleString('en')} parameters`,
      ...i.inputs.map((v) => `input   ${valueText(v)}`),
      ...i.outputs.map((v) => `output  ${valueText(v)}`),
    ],
    [operators],
    [
      i.differentiable
        ? 'The gradient can be had.'
        : paint('bold', i.blocking.length === 0 ? 'The output does not depend on the input.' : blocked),
      ...i.blocking.flatMap((b) => [`  ${b.node}`, wrap(`fix: ${b.remedy}`, width, '    ')]),
      ...i.zeroPaths.map((z) => `  zero through ${z.node}: ${z.reason}`),
    ],
    i.flags.map((f) => wrap(`${paint('yellow', f.code)}  ${f.message}`, width, '  ')),
  ]
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

function valueText(v: ValueInfo): string {
  return `${v.name} ${v.dtype} ${v.shape === undefined ? 'of unknown rank' : `[${v.shape.join(', ')}]`}`;
}
