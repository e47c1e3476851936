import { elementwise } from './elementwise.ts';
import { layers } from './layers.ts';
import type { Maker } from './maker.ts';
import type { Draw } from './program.ts';
import { Program } from './program.ts';
import { shapes } from './shapes.ts';

export const makers: readonly Maker[] = [...elementwise, ...layers, ...shapes];

/** Tensors larger than this are not carried on: kinks and time grow with them. */
const largest = 400;

/** A graph of 1 to 6 drawn operators, in a chain with branches that join again. @returns it and its output */
export function randomProgram(draw: Draw): { program: Program; of: string } {
  const pick = <T>(choices: readonly T[]): T => choices[draw.int(0, choices.length - 1)] as T;
  const dtype = draw.int(1, 3) === 1 ? 'float64' : 'float32';
  const opset = pick([13, 17, 18, 18, 20, 22]);
  const rank = pick([2, 3, 3, 4, 4, 4, 4, 5]);
  const edge = rank === 5 ? 4 : 7;
  const sizes = Array.from({ length: rank - 1 }, (_, i) => draw.int(1, i === 0 && rank > 2 ? 4 : edge));
  const shape = [draw.int(1, 3), ...sizes];
  const program = new Program(draw, { dtype, opset, shape, free: draw.int(0, 1) === 1 });
  const groups = [elementwise, layers, layers, shapes].map((group) =>
    group.filter((m) => m.since <= opset && (dtype === 'float32' || m.double)),
  );
  const made = ['x'];
  const wanted = draw.int(1, 6);
  for (let tries = 0; tries < 4 * wanted && made.length <= wanted; tries++) {
    const x = draw.int(1, 5) === 1 ? pick(made) : (made.at(-1) as string);
    const group = pick(groups);
    const fitting = group.filter((m) => m.fits(program, x));
    if (fitting.length === 0) continue;
    const y = pick(fitting).make(program, x, made);
    if (y === undefined) continue;
    const size = program.shape(y).reduce((a, d) => a * d, 1);
    if (size === 0 || size > largest || program.shape(y).length > 5) continue;
    made.push(y);
  }
  return { program, of: made.at(-1) as string };
}
