import type { Dim, Graph, ValueInfo } from '../onnx/index.ts';
import { neededInputs } from '../onnx/index.ts';
import {
  AdvarenaError,
  type AnyTensor,
  allocate,
  type DType,
  exactBound,
  numbers,
  scalar,
  sizeOf,
} from '../tensor/index.ts';

/** What an input beside the images is given: a number for all its elements, or an array of its shape. */
export type InputValue = number | boolean | AnyTensor;

/**
 * The graph with its further inputs made constants, and without those that no node reads.
 * @param images the input that takes the images
 * @param values by the names of inputs
 * @param where what errors name
 * @throws AdvarenaError MODEL_INPUT for an input that needs a value and has none, for a name that is no input's, for a
 *   value that does not fit its input
 */
export function withInputs(
  graph: Graph,
  images: string,
  values: ReadonlyMap<string, InputValue>,
  where: string,
): Graph {
  for (const name of values.keys())
    if (name === images || !graph.inputs.some((i) => i.name === name))
      throw new AdvarenaError(
        'MODEL_INPUT',
        name === images
          ? `The input "${name}" takes the images and can be given nothing else.`
          : `The graph has no input "${name}" that a value could be given to.`,
        { where, remedy: `Its inputs are ${graph.inputs.map((i) => i.name).join(', ')}.` },
      );
  const further = neededInputs(graph).filter((i) => i.name !== images);
  const missing = further.filter((i) => !values.has(i.name));
  const [first] = missing;
  if (first !== undefined)
    throw new AdvarenaError(
      'MODEL_INPUT',
      `The graph reads ${missing.map((i) => `"${i.name}" (${i.dtype} ${text(i.shape)})`).join(' and ')} beside the images.`,
      {
        where,
        remedy: `Give it a value: --input ${first.name}=1, a number or FILE.npy, or "inputs": { "${first.name}": 1 } in the sidecar.`,
      },
    );
  const initializers = new Map(graph.initializers);
  for (const input of further)
    initializers.set(input.name, inputTensor(input, values.get(input.name) as InputValue, where));
  return { ...graph, inputs: graph.inputs.filter((i) => i.name === images), initializers };
}

/**
 * A value in the type and the shape of its input; an axis without a size is taken as one element.
 * @throws AdvarenaError MODEL_INPUT where it does not fit
 */
export function inputTensor(input: ValueInfo, value: InputValue, where: string): AnyTensor {
  const { name, dtype, shape } = input;
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('MODEL_INPUT', message, { where, remedy });
  };
  if (dtype === 'string')
    return refuse(`The input "${name}" takes texts.`, 'Export the model without that input.');
  const all = typeof value === 'object' ? numbersOf(value) : [Number(value)];
  if (all === undefined)
    return refuse(`The input "${name}" is ${dtype}, and is given texts.`, `Give numbers of type ${dtype}.`);
  const wrong = all.find((v) => !holds(dtype, v));
  if (typeof wrong === 'number' && /int/.test(dtype) && exactBound(wrong) !== undefined)
    return refuse(
      `The input "${name}" is ${dtype}, and a number beyond ${Number.MAX_SAFE_INTEGER} is rounded before it comes there.`,
      `Give it as an array of type ${dtype} in a .npy file, which keeps every digit.`,
    );
  if (wrong !== undefined)
    return refuse(`The input "${name}" is ${dtype}, and ${wrong} is no such number.`, 'Correct the value.');
  const own = typeof value === 'object' ? value.shape : (shape ?? []).map((d) => (d === Number(d) ? d : 1));
  const fits = (d: Dim, i: number): boolean => typeof d === 'string' || d === own[i];
  if (shape !== undefined && (shape.length !== own.length || !shape.every(fits)))
    return refuse(
      `The input "${name}" is ${dtype} ${text(shape)}, and is given ${text(own)}.`,
      'Save an array of that shape, or give one number for all of it.',
    );
  const size = sizeOf(own);
  const data = allocate(dtype, size) as Float32Array;
  const encoded = all.map((v) => encode(v, dtype) as number);
  for (let i = 0; i < size; i++) data[i] = encoded[typeof value === 'object' ? i : 0] as number;
  return { dtype, shape: own, data } as unknown as AnyTensor;
}

/** Whole numbers of 64 bits with all their digits. */
function numbersOf(t: AnyTensor): (number | bigint)[] | undefined {
  if (t.dtype === 'string') return undefined;
  return t.dtype === 'int64' || t.dtype === 'uint64' ? Array.from(t.data) : numbers(t);
}

function encode(value: number | bigint, dtype: Exclude<DType, 'string'>): number | bigint {
  if (typeof value === 'bigint' && (dtype === 'int64' || dtype === 'uint64')) return value;
  return scalar(Number(value), dtype).data[0] as number | bigint;
}

/** Whether a number can be kept in a type, but for its last digits in one of floats. */
function holds(dtype: DType, given: number | bigint): boolean {
  if (typeof given === 'bigint' && /^u?int64$/.test(dtype))
    return (dtype === 'int64' ? BigInt.asIntN(64, given) : BigInt.asUintN(64, given)) === given;
  const value = Number(given);
  if (/^b?float/.test(dtype)) return !Number.isNaN(value);
  if (dtype === 'bool') return value === 0 || value === 1;
  if (!Number.isSafeInteger(value)) return false;
  const bits = Number(/\d+$/.exec(dtype)?.[0]);
  const [least, most] = dtype.startsWith('u') ? [0, 2 ** bits] : [-(2 ** (bits - 1)), 2 ** (bits - 1)];
  return value >= least && value < most;
}

function text(shape: readonly Dim[] | undefined): string {
  return shape === undefined ? 'of unknown shape' : `[${shape.join(', ')}]`;
}
