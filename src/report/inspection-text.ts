import type { Blocker, Cost, Inspection } from '../autodiff/index.ts';
import type { ValueInfo } from '../onnx/index.ts';
import { counted, countText } from './format.ts';
import { printable } from './printable.ts';
import { type Paint, painter, type TextOptions, textTable, wrap } from './table.ts';

/** What a graph consists of, as text for a terminal. Ends without a line break. */
export function inspectionText(
  name: string,
  inspection: Inspection,
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const paint = painter(colour);
  const i = printable(inspection);
  return [
    [
      paint('bold', printable(name)),
      `opset ${i.opset}, ${countText(i.parameters)} parameters, ${bytesText(i.bytes)}`,
      ...i.inputs.map((v) => `input   ${valueText(v)}`),
      ...i.outputs.map((v) =>
        v.maps === undefined
          ? `output  ${valueText(v)}`
          : `output  ${v.name}, a sequence of maps made of "${v.maps}"`,
      ),
    ],
    [operatorsTable(i, { paint, width })],
    [
      coverageText(i),
      wrap(pathText(i, paint), width),
      ...barring(i).flatMap((b) => [
        `  ${wrap(`${b.node}: ${b.why}`, width - 2, '    ')}`,
        `    ${wrap(`fix: ${b.remedy}`, width - 4, '      ')}`,
      ]),
      ...(barring(i).length > 0 && i.missingSizes.length > 0 ? [wrap(sizesText(i), width)] : []),
      ...i.zeroPaths.map((z) => `  zero through ${z.node}: ${z.reason}`),
    ],
    costLines(i, { paint, width }),
    i.flags.map((f) => wrap(`${paint('yellow', f.code)}  ${f.message}`, width, '  ')),
  ]
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n');
}

function operatorsTable(i: Inspection, options: { paint: Paint; width: number }): string {
  return textTable(
    [
      {
        columns: [
          { head: 'operator' },
          { head: 'count', align: 'right' },
          { head: 'on the way', align: 'right' },
          { head: 'gradient' },
        ],
        rows: i.operators.map((o) => [
          o.operator,
          String(o.count),
          String(o.onPath),
          o.gradient === 'rule' ? 'yes' : o.gradient === 'zero' ? `zero: ${o.reason ?? ''}` : 'missing',
        ]),
      },
    ],
    { ...options, shrink: 3 },
  );
}

function coverageText({ coverage }: Inspection): string {
  const { rule, zero, missing } = coverage;
  return `Of ${counted(rule + zero + missing, 'node')}, ${rule} have a gradient, ${zero} have zero by decision, ${missing} have none.`;
}

/** What blocks whatever the sizes are, where sizes are missing. */
function barring({ blocking, missingSizes }: Inspection): readonly Blocker[] {
  return missingSizes.length === 0 ? blocking : blocking.filter((b) => b.lacksSizes !== true);
}

function sizesText(i: Inspection): string {
  const free = i.missingSizes.map(({ input, axes }) => {
    const of = i.inputs.find((v) => v.name === input) as ValueInfo;
    return `${axes.length === 1 ? 'axis' : 'axes'} ${axes.join(' and ')} of ${input} [${of.shape?.join(', ')}]`;
  });
  const sizes = (i.missingSizes[0]?.axes ?? []).map(() => 224).join('x');
  return `The gradient needs sizes that the graph leaves free: ${free.join(', ')}. Give them with --size ${sizes}, for instance.`;
}

function pathText(i: Inspection, paint: Paint): string {
  const { of, wrt, nodes } = i.path;
  const blocked = barring(i).length;
  if (blocked > 0) return paint('bold', `The gradient is blocked by ${counted(blocked, 'node')}:`);
  if (i.missingSizes.length > 0) return paint('bold', sizesText(i));
  if (!i.differentiable)
    return paint(
      'bold',
      i.flags.some(({ code }) => code === 'ZERO_GRADIENT')
        ? 'No way of the gradient leads from the output to the input.'
        : 'The output does not depend on the input.',
    );
  return `The gradient of ${of} with respect to ${wrt} can be had. It passes ${counted(nodes, 'node')}.`;
}

function costLines(i: Inspection, options: { paint: Paint; width: number }): string[] {
  const { forward, gradient, unknown } = i.cost;
  const row = (what: string, cost: Cost | undefined): string[][] =>
    cost === undefined
      ? []
      : [[what, countText(cost.multiplyAdds), countText(cost.flops), bytesText(cost.peakBytes)]];
  const rows = [...row('forward', forward), ...row('forward and gradient', gradient)];
  const table = textTable(
    [
      {
        columns: [
          { head: 'one image' },
          { head: 'multiply-adds', align: 'right' },
          { head: 'operations', align: 'right' },
          { head: 'memory', align: 'right' },
        ],
        rows,
      },
    ],
    { ...options, shrink: 0 },
  );
  const missing = `What it costs cannot be told: the shape of "${unknown}" is not known.`;
  return [
    ...(rows.length === 0 ? [] : [table]),
    ...(unknown === undefined ? [] : [wrap(missing, options.width)]),
  ];
}

/** `448.0 kB`, `13.9 MB`: decimal multiples, of three digits before the point at most once they are rounded. */
function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let [value, unit] = [bytes, 0];
  while (Number(value.toFixed(1)) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

function valueText(v: ValueInfo): string {
  return `${v.name} ${v.dtype} ${v.shape === undefined ? 'of unknown rank' : `[${v.shape.join(', ')}]`}`;
}
