import type { AttributeInput, GraphBuilder } from '../../src/onnx/index.ts';
import { type AnyTensor, scalar, type Tensor } from '../../src/tensor/index.ts';
import type { Case } from './case.ts';
import { c, isFloat, s, whole } from './values.ts';

// Between QuantizeLinear and DequantizeLinear, of whole numbers: what rounds them changes nothing, so that differences
// of one step are exact for all that is linear in each input.

type Attributes = Record<string, AttributeInput>;

export const zero = 100;
export const z = (value = zero): AnyTensor => scalar(value, 'uint8');
export const one = s(1);

/**
 * @param quantised positions of inputs that are quantised before the node, with the zero point 100 and the scale 1
 * @param result scale and zero point of the output
 */
export function between(
  operator: string,
  inputs: Case['inputs'],
  attributes: Attributes,
  {
    quantised,
    result,
    ...more
  }: Omit<Partial<Case>, 'inputs'> & { quantised: readonly number[]; result?: readonly [number, number] },
): Case {
  return c(operator, inputs, attributes, {
    whole: true,
    fixed: inputs.flatMap((t, i) => (isFloat(t) && !quantised.includes(i) ? [i] : [])),
    before: (b, names) =>
      names.map((name, i) =>
        name !== undefined && quantised.includes(i)
          ? b.op('QuantizeLinear', [name, b.scalar(1), b.constant(z())])
          : name,
      ),
    ...(result !== undefined && {
      after: (b: GraphBuilder, [y, ...rest]: readonly string[]) => [
        b.op('DequantizeLinear', [
          y,
          b.scalar(result[0]),
          ...(b.dtype(y as string) === 'int32'
            ? []
            : [b.constant(scalar(result[1], b.dtype(y as string) as 'uint8'))]),
        ]),
        ...rest,
      ],
    }),
    ...more,
  });
}

export const small = (shape: readonly number[]): Tensor => whole(shape, -3, 3);

/** The type of the result of a convolution, and where its zero lies. */
export const result = [1, 90] as const;

/** Inputs that become bytes as they are. */
export const asBytes =
  (places: readonly number[]): NonNullable<Case['before']> =>
  (b, names) =>
    names.map((name, i) =>
      name !== undefined && places.includes(i) ? b.op('QuantizeLinear', [name, b.scalar(1)]) : name,
    );
export const kept: NonNullable<Case['before']> = (_, names) => [...names];

/** x, scale, zero, w, scale, zero, scale of y, zero of y. */
export const scaled = (x: Tensor, w: Tensor): AnyTensor[] => [x, one, z(), w, one, z(), one, z(90)];
