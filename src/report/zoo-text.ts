import { wilson } from '../tensor/index.ts';
import type { Measured } from '../zoo/index.ts';
import { countText, percentInterval } from './format.ts';
import { printable, printableLines } from './printable.ts';
import { pad, painter, type TextOptions, textTable, widthOf, wrap } from './table.ts';

/** One network of the zoo, as the tables show it. */
export interface ZooRow {
  name: string;
  title: string;
  /** Of the ONNX file; undefined before the first training. */
  bytes: number | undefined;
  measured: Measured | undefined;
}

const headline = ['clean', 'fgsm 8/255', 'pgd-20 8/255'];

/** The networks with their headline figures, for a terminal. Ends without a line break. */
export function zooTable(rows: readonly ZooRow[], { colour = false, width = 80 }: TextOptions = {}): string {
  const paint = painter(colour);
  const columns = ['network', 'kB', ...headline].map((head, i) => ({
    head,
    align: i === 0 ? ('left' as const) : ('right' as const),
  }));
  const lines = printable(rows).map(({ name, bytes, measured }) => [
    name,
    bytes === undefined ? '–' : countText(Math.round(bytes / 1000)),
    ...headline.map((figure) => share(measured, figure)),
  ]);
  return textTable([{ columns, rows: lines }], { paint, width, shrink: 0 });
}

function share(measured: Measured | undefined, name: string): string {
  const figure = measured?.figures.find((f) => f.name === name);
  return figure === undefined ? '–' : `${((100 * figure.right) / figure.count).toFixed(1)} %`;
}

/** All that is known of one network, for a terminal. Ends without a line break. */
export function zooText(
  { recipe, ...network }: ZooRow & { recipe: string; seconds: number | undefined },
  { colour = false, width = 80 }: TextOptions = {},
): string {
  const paint = painter(colour);
  const row = printable(network);
  const { measured, seconds, bytes } = row;
  const about = [
    ...(bytes === undefined ? ['not trained yet'] : [`${countText(Math.round(bytes / 1000))} kB`]),
    ...(seconds === undefined ? [] : [`trained in ${Math.round(seconds / 60)} min`]),
  ];
  const sections = [
    `${paint('bold', row.name)}\n${row.title}; ${about.join(', ')}`,
    printableLines(recipe.trimEnd()),
  ];
  if (measured !== undefined) {
    const { part, seed, count } = measured.images;
    const device = measured.device === undefined ? '' : `, on ${measured.device}`;
    const size = Math.max(...measured.figures.map((f) => widthOf(f.name)));
    sections.push(
      [
        `Accuracy on ${countText(count)} photographs of the part ${part}, seed ${seed}, or the first of them${device}; 95 % intervals:`,
        ...measured.figures.map(
          (f) =>
            `  ${pad(f.name, size)}  ${percentInterval(wilson(f.right, f.count))} of ${countText(f.count)}`,
        ),
      ].join('\n'),
    );
    if (measured.checks.length > 0)
      sections.push(
        measured.checks
          .map(({ claim, found, held }) => {
            const mark = held ? paint('green', 'holds') : paint('red', 'fails');
            return `${mark}  ${wrap(`${claim} ${found}`, width, '       ')}`;
          })
          .join('\n'),
      );
  }
  return sections.join('\n\n');
}
