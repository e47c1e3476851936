import type { AttributeInput } from '../../../src/onnx/index.ts';
import { GraphBuilder } from '../../../src/onnx/index.ts';
import type { DType } from '../../../src/tensor/index.ts';
import type { Case } from '../case.ts';
import { bools, c, index, ints, r } from '../values.ts';

// Sequences, and graphs within a node.

/** The part of a sequence at a place. */
const at =
  (place: number): NonNullable<Case['after']> =>
  (b, [sequence]) => [b.op('SequenceAt', [sequence, b.scalar(place, 'int64')])];

/** Its parts one behind the other. */
const together: NonNullable<Case['after']> = (b, [sequence]) => [
  b.op('ConcatFromSequence', [sequence], { axis: 0 }),
];

let bodies = 0;

type Inner = readonly (readonly [string, DType, readonly number[]])[];

/** A graph within a node. */
function body(
  inputs: Inner,
  opset: number,
  build: (b: GraphBuilder, names: readonly string[]) => readonly string[],
): AttributeInput {
  const id = ++bodies;
  const b = new GraphBuilder(undefined, { opset });
  const names = inputs.map(([name, dtype, shape]) => b.input(`${name}${id}`, dtype, shape));
  for (const [i, name] of build(b, names).entries()) b.output(name, `inner${id}_${i}`);
  return { type: 'graph', value: b.finish() };
}

const looped = (): AttributeInput =>
  body(
    [
      ['i', 'int64', []],
      ['go', 'bool', []],
      ['h', 'float32', [2, 3]],
    ],
    18,
    (b, [i, , h]) => [
      b.op('Less', [i, b.scalar(2, 'int64')]),
      b.op('Sin', [b.op('Add', [h, b.scalar(0.3)])]),
    ],
  );

const scanned = (opset: number, size: number): AttributeInput =>
  body(
    [
      ['h', 'float32', [size]],
      ['u', 'float32', [size]],
      ['v', 'float32', [size]],
    ],
    opset,
    (b, [h, u, v]) => {
      const next = b.op('Tanh', [b.op('Add', [h, b.op('Mul', [u, v])])]);
      return [next, b.op('Mul', [next, u])];
    },
  );

const loose = 'shape';

export const sequences: readonly Case[] = [
  c('ConcatFromSequence', [r([2, 3]), r([2, 3])], { axis: 1 }, { parts: 2, loose }),
  c('ConcatFromSequence', [r([2, 3]), r([2, 3])], { axis: -1, new_axis: 1 }, { parts: 2, loose }),
  c('SequenceAt', [r([2]), r([2]), index(1)], {}, { parts: 2, loose }),
  c('SequenceInsert', [r([2]), r([2]), r([2]), index(0)], {}, { parts: 2, after: at(0), loose }),
  c('SequenceInsert', [r([2]), r([2]), r([2])], {}, { parts: 2, after: at(2), loose }),
  c('SequenceErase', [r([2]), r([2]), r([2]), index(0)], {}, { parts: 3, after: at(0), loose }),
  c('SequenceErase', [r([2]), r([2])], {}, { parts: 2, after: at(0), loose }),
  c('SplitToSequence', [r([4, 5]), ints([2, 3])], { axis: 1 }, { after: at(1), loose }),
  c('SplitToSequence', [r([4, 5]), index(2)], { axis: -1 }, { after: at(2), loose }),
  c('SplitToSequence', [r([4, 5])], { axis: 1, keepdims: 0 }, { after: at(1), loose }),
  c(
    'SequenceEmpty',
    [r([2])],
    {},
    {
      before: () => [],
      after: (b, [empty]) => [
        b.op('SequenceAt', [b.op('SequenceInsert', [empty, 'x0']), b.scalar(0, 'int64')]),
      ],
      loose,
    },
  ),
  c(
    'SequenceEmpty',
    [r([2])],
    { dtype: 11 },
    {
      before: () => [],
      after: (b, [empty]) => {
        const one = b.op('SequenceInsert', [empty, b.op('Cast', ['x0'], { to: 11 })]);
        const part = b.op('SequenceAt', [one, b.scalar(0, 'int64')]);
        b.declare(part, { dtype: 'float64', shape: [2] });
        return [part];
      },
      loose,
    },
  ),
  c('SequenceConstruct', [r([2, 3]), r([1, 3])], {}, { after: together, loose }),
  c('Loop', [index(1), undefined, r([2, 3])], { body: looped() }, { loose }),
  c('Loop', [index(2), bools([0], []), r([2, 3])], { body: looped() }, { loose, aside: ['M'] }),
  c('Loop', [undefined, undefined, r([2, 3])], { body: looped() }, { loose }),
  c(
    'Scan',
    [undefined, r([3, 2]), r([3, 4, 2]), r([3, 4, 2])],
    { num_scan_inputs: 2, directions: [0, 1], body: scanned(8, 2) },
    { opset: 8, outputs: 2, loose },
  ),
  c(
    'Scan',
    [r([3]), r([3, 4]), r([4, 3])],
    {
      body: scanned(18, 3),
      num_scan_inputs: 2,
      scan_input_axes: [1, 0],
      scan_input_directions: [0, 1],
      scan_output_axes: [1],
      scan_output_directions: [1],
    },
    { outputs: 2, loose },
  ),
];
