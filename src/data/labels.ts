import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type AnyTensor, numbers, readNpy } from '../tensor/index.ts';
import { readTable, type Table } from './csv.ts';
import { isIdx, readIdx } from './idx-file.ts';

/** The header of the CSV of the NIPS 2017 competition. */
export const competitionHeader =
  'ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,AuthorProfileURL';

/** What a file says of one sample. */
export interface LabelRow {
  /** File and line, or file and row. */
  where: string;
  label: number | undefined;
  target: number | undefined;
}

/** The rows of a file by id (NFC), in the order of the file. Ids are row numbers where it {@link hasIds none}. */
export type LabelRows = Map<string, LabelRow>;

export interface LabelOptions {
  /** What the file's first class is called: 0 by default; 1 where labels run 1 to 1000. */
  offset?: number;
  /** Number of classes: labels beyond are refused. Not checked by default. */
  classes?: number;
}

/** Reads the rows of a competition's CSV. */
export function competitionRows(table: Table, options: LabelOptions): LabelRows {
  return collect(table, 'ImageId', 'TrueLabel', 'TargetClass', options);
}

/** Whether a file of labels names its images: a CSV does, an array gives them in order. */
export function hasIds(path: string): boolean {
  return !/\.npy$/i.test(path) && !isIdx(path);
}

/**
 * Reads labels from a CSV with the columns `id` and `label` or `target` or both, or from a `.npy` of whole
 * numbers [N] or an idx file of bytes [N]; `column` says what such a file's, having no header, are.
 * @throws AdvarenaError CSV_INVALID, LABEL_INVALID, LABEL_RANGE, DUPLICATE_ID, TARGET_IS_LABEL, NPY_..., IDX_INVALID
 */
export async function readLabels(
  path: string,
  column: 'label' | 'target',
  options: LabelOptions,
): Promise<LabelRows> {
  if (isIdx(path)) return arrayRows(await readIdx(path), path, column, options);
  if (!hasIds(path)) return arrayRows(readNpy(await readFile(path), path), path, column, options);
  const table = await readTable(path);
  const { header } = table;
  const known = ['id', 'label', 'target'];
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined)
    throw new AdvarenaError('CSV_INVALID', `The header has the column "${twice}" twice.`, {
      where: path,
      remedy: 'Take one of them out.',
    });
  if (!header.includes('id') || !header.includes(column) || header.some((name) => !known.includes(name)))
    throw new AdvarenaError('CSV_INVALID', `The header is "${header.join(',')}".`, {
      where: path,
      remedy: `Name the columns id,${column}${column === 'label' ? ' or id,label,target' : ''}.`,
    });
  return collect(table, 'id', 'label', 'target', options);
}

function collect(table: Table, id: string, label: string, target: string, options: LabelOptions): LabelRows {
  const rows: LabelRows = new Map();
  const at = (name: string) => table.header.indexOf(name);
  for (const { where, cells } of table.rows) {
    const name = (cells[at(id)] ?? '').normalize('NFC');
    const earlier = rows.get(name);
    if (name === '' || earlier !== undefined)
      throw new AdvarenaError(
        name === '' ? 'CSV_INVALID' : 'DUPLICATE_ID',
        earlier === undefined ? 'The row has no id.' : `The id "${name}" stands at ${earlier.where} already.`,
        { where, remedy: 'Give each sample one row with an id of its own.' },
      );
    const row = {
      where,
      label: classOf(label, cells[at(label)], where, options),
      target: classOf(target, cells[at(target)], where, options),
    };
    checkTarget(row);
    rows.set(name, row);
  }
  return rows;
}

function arrayRows(t: AnyTensor, path: string, column: string, options: LabelOptions): LabelRows {
  if (t.shape.length !== 1 || !['int64', 'int32', 'uint8'].includes(t.dtype))
    throw new AdvarenaError('LABEL_INVALID', `The array is ${t.dtype} [${t.shape.join(', ')}].`, {
      where: path,
      remedy: 'Save labels as whole numbers of shape [N], type int64, int32 or uint8.',
    });
  return new Map(
    numbers(t).map((value, i) => {
      const where = `${path}, row ${i}`;
      const found = classOf(column, String(value), where, options);
      const row = { where, label: undefined, target: undefined, [column]: found };
      return [String(i), row];
    }),
  );
}

/** Classes are kept in 32 bits. */
const most = 2 ** 31;

/** The class, counted from 0, that a cell names; undefined where the file lacks the column. */
function classOf(
  column: string,
  cell: string | undefined,
  where: string,
  { offset = 0, classes }: LabelOptions,
): number | undefined {
  if (cell === undefined) return undefined;
  if (!/^-?\d+$/.test(cell))
    throw new AdvarenaError('LABEL_INVALID', `The ${column} "${cell}" is not a whole number.`, {
      where,
      remedy: 'Give classes as numbers.',
    });
  const value = Number(cell) - offset;
  if (value >= 0 && value < (classes ?? most)) return value;
  if (classes === undefined && value >= most)
    throw new AdvarenaError(
      'LABEL_RANGE',
      `The ${column} ${cell} is more than labels may be: ${offset + most - 1}.`,
      {
        where,
        remedy: 'Correct the label.',
      },
    );
  const range = classes === undefined ? `${offset} upwards` : `${offset} to ${offset + classes - 1}`;
  throw new AdvarenaError('LABEL_RANGE', `The ${column} ${cell} is not in ${range}.`, {
    where,
    remedy: 'Correct the label, or the offset (what the first class is called) or number of classes.',
  });
}

/** @throws AdvarenaError TARGET_IS_LABEL */
export function checkTarget({ where, label, target }: LabelRow): void {
  if (target === undefined || target !== label) return;
  throw new AdvarenaError('TARGET_IS_LABEL', 'The target class is the true class.', {
    where,
    remedy: 'Give another target: an image cannot be pushed to where it is.',
  });
}
