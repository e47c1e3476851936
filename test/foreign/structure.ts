import { attribute } from '../../src/onnx/attribute-input.ts';
import {
  type Attribute,
  type AttributeInput,
  type Dim,
  type Graph,
  type Node,
  type ValueInfo,
} from '../../src/onnx/index.ts';
import { type AnyTensor, type DType, randomOf, sizeOf, type Tensor, tensor } from '../../src/tensor/index.ts';

/** A file as another program writes it: every name as it stands there, nothing made unique or tidy. */
export interface Foreign {
  readonly name: string;
  readonly graph: Graph;
  /** What has to be written by hand beside it; nothing where the graph says all. */
  readonly sidecar?: Readonly<Record<string, unknown>>;
}

/** Name of the node, operator (with its domain), inputs and outputs (names apart by spaces, `_` left out), attributes. */
export type Line = readonly [
  name: string,
  op: string,
  inputs: string | readonly string[],
  outputs: string | readonly string[],
  attributes?: Readonly<Record<string, AttributeInput>>,
];

interface Parts {
  readonly opset?: number;
  readonly domains?: Readonly<Record<string, number>>;
  readonly inputs: Readonly<Record<string, readonly Dim[] | readonly [DType, ...Dim[]]>>;
  readonly outputs: Readonly<Record<string, readonly Dim[] | readonly [DType, ...Dim[]]>>;
  readonly constants?: Readonly<Record<string, AnyTensor>>;
  readonly lines: readonly Line[];
}

const dtypes: ReadonlySet<unknown> = new Set([
  'float32',
  'float16',
  'float64',
  'int64',
  'uint8',
  'bool',
  'string',
]);

export function graphOf({ opset = 13, domains = {}, inputs, outputs, constants = {}, lines }: Parts): Graph {
  const infos = (of: Parts['inputs']): ValueInfo[] =>
    Object.entries(of).map(([name, given]) => {
      const typed = dtypes.has(given[0]);
      return {
        name,
        dtype: typed ? (given[0] as DType) : 'float32',
        shape: (typed ? given.slice(1) : given) as Dim[],
      };
    });
  const names = (given: string | readonly string[]): string[] =>
    typeof given === 'string'
      ? given
          .split(' ')
          .filter((n) => n !== '')
          .map((n) => (n === '_' ? '' : n))
      : [...given];
  const nodes = lines.map(([name, written, reads, makes, attributes = {}]): Node => {
    const dot = written.lastIndexOf('.');
    const attrs: Record<string, Attribute> = {};
    for (const [key, value] of Object.entries(attributes)) attrs[key] = attribute(value);
    return {
      op: written.slice(dot + 1),
      domain: dot < 0 ? '' : written.slice(0, dot),
      name,
      inputs: names(reads),
      outputs: names(makes),
      attributes: attrs,
    };
  });
  return {
    name: 'graph',
    nodes,
    inputs: infos(inputs),
    outputs: infos(outputs),
    initializers: new Map(Object.entries(constants)),
    values: new Map(),
    opsets: new Map([['', opset], ...Object.entries(domains)]),
    functions: [],
    metadata: {},
  };
}

/** Weights that keep what they are multiplied with of one size: normal, by the square root of what is summed. */
export function weights(shape: readonly number[], purpose: string, gain = 1): Tensor {
  const data = new Float32Array(sizeOf(shape));
  const summed = shape.length === 4 ? sizeOf(shape.slice(1)) : (shape[0] ?? 1);
  randomOf(7, 'foreign')
    .stream('', purpose)
    .fillNormal(data, 0, gain / Math.sqrt(summed));
  return tensor(data, shape);
}

/** Numbers about 1, one per channel. */
export function aboutOne(count: number, purpose: string): Tensor {
  const data = new Float32Array(count);
  randomOf(7, 'foreign').stream('', purpose).fillUniform(data, 0.5, 1.5);
  return tensor(data, [count]);
}
