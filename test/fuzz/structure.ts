import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, toBinary } from '@bufbuild/protobuf';
import * as fc from 'fast-check';
import type {
  AttributeProtoSchema,
  GraphProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from '../../src/onnx/generated/onnx_pb.ts';
import { ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { operators } from '../../src/onnx/index.ts';

/** A message before it is made; the type has a union with made messages, which is in the way here. */
type Init<T extends Parameters<typeof create>[0]> = Exclude<MessageInitShape<T>, { $typeName: string }>;

// Valid messages that make no sense: few names, so that they meet; sizes of every kind.

const name = fc.constantFrom('x', 'y', 'a', 'b', 'c', 'w', '', '__proto__');
const size = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 5n }) },
  fc.constantFrom(-1n, -7n, 2n ** 20n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)),
);
const kind = fc.constantFrom(1, 1, 1, 6, 7, 7, 9, 10, 11, 16, 8, 2, 14, 99);
const smallInt = fc.oneof(fc.bigInt({ min: -3n, max: 6n }), size);

const tensorInit: fc.Arbitrary<Init<typeof TensorProtoSchema>> = fc.record(
  {
    name,
    dataType: kind,
    dims: fc.array(size, { maxLength: 4 }),
    rawData: fc.uint8Array({ maxLength: 32 }),
    floatData: fc.array(fc.float(), { maxLength: 6 }),
    int64Data: fc.array(smallInt, { maxLength: 6 }),
    int32Data: fc.array(fc.integer(), { maxLength: 6 }),
    dataLocation: fc.constantFrom(0, 0, 0, 1),
    externalData: fc.array(
      fc.record({
        key: fc.constantFrom('location', 'offset', 'length'),
        value: fc.constantFrom('w', '../w', '/w', '0', '8', '-1', '1e3', '99999999999999999999', ''),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['name'] },
);

/** A tensor that is in order, so that more than its own message is reached. */
const soundTensor: fc.Arbitrary<Init<typeof TensorProtoSchema>> = fc
  .record({ name, dims: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), ints: fc.boolean() })
  .map(({ name: own, dims, ints }) => {
    const count = dims.reduce((a, d) => a * d, 1);
    const data = Array.from({ length: count }, (_, i) => (i % 3) - 1);
    return {
      name: own,
      dims: dims.map(BigInt),
      ...(ints ? { dataType: 7, int64Data: data.map(BigInt) } : { dataType: 1, floatData: data }),
    };
  });

const valueInit: fc.Arbitrary<Init<typeof ValueInfoProtoSchema>> = fc
  .record({
    name,
    elemType: kind,
    dims: fc.option(fc.array(fc.oneof(size, fc.constantFrom('N', 'N*2', '?', '12', '')), { maxLength: 4 })),
  })
  .map(({ name: own, elemType, dims }) => ({
    name: own,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType,
          ...(dims === null
            ? {}
            : {
                shape: {
                  dim: dims.map((d) => ({
                    value:
                      typeof d === 'bigint'
                        ? { case: 'dimValue' as const, value: d }
                        : { case: 'dimParam' as const, value: d },
                  })),
                },
              }),
        },
      },
    },
  }));

const attributeNames =
  'axis axes kernel_shape strides pads dilations group alpha mode value perm to keepdims starts ends shape equation ' +
  'then_branch else_branch body num_scan_inputs auto_pad ceil_mode split blocksize p size k ratio __proto__';

const operatorNames = [...operators.values()].filter((o) => o.domain === '').map((o) => o.op);
const operator = fc.oneof(
  fc.constantFrom(...operatorNames),
  fc.constantFrom('Constant', 'If', 'Loop', 'F', 'G', 'Nothing', 'toString'),
);

const bytesOf = (s: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(s);

const text = (...choices: string[]) =>
  fc.constantFrom(...choices).map((s) => ({ type: 3 as const, s: bytesOf(s) }));
const whole = smallInt.map((i) => ({ type: 2 as const, i }));
const wholes = fc.array(smallInt, { maxLength: 4 }).map((ints) => ({ type: 7 as const, ints }));
const real = fc.float({ noNaN: true }).map((f) => ({ type: 1 as const, f }));

/** Attributes of the right type, of any value. */
const soundAttribute: fc.Arbitrary<Init<typeof AttributeProtoSchema>> = fc.oneof(
  ...'axis group keepdims ceil_mode blocksize p size k to count_include_pad transA num_groups'
    .split(' ')
    .map((own) => whole.map((v) => ({ name: own, ...v }))),
  ...'axes kernel_shape strides pads dilations perm starts ends split output_shape output_padding'
    .split(' ')
    .map((own) => wholes.map((v) => ({ name: own, ...v }))),
  ...'alpha beta epsilon ratio'.split(' ').map((own) => real.map((v) => ({ name: own, ...v }))),
  text('SAME_UPPER', 'VALID', '?').map((v) => ({ name: 'auto_pad', ...v })),
  text('ij,jk->ik', '...,i->i', 'aa->', '->').map((v) => ({ name: 'equation', ...v })),
  text('linear', 'cubic', 'reflect', 'edge', '').map((v) => ({ name: 'mode', ...v })),
);

interface Tied {
  attribute: Init<typeof AttributeProtoSchema>;
  node: Init<typeof NodeProtoSchema>;
  graph: Init<typeof GraphProtoSchema>;
}

const { graph, node } = fc.letrec<Tied>((tie) => ({
  attribute: fc.record(
    {
      name: fc.constantFrom(...attributeNames.split(' ')),
      type: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 11),
      f: fc.float(),
      i: smallInt,
      s: fc.constantFrom(
        ...['SAME_UPPER', 'linear', 'ij,jk->ik', '...,i->i', ''].map((s) => new TextEncoder().encode(s)),
      ),
      ints: fc.array(smallInt, { maxLength: 5 }),
      floats: fc.array(fc.float(), { maxLength: 3 }),
      t: tensorInit,
      g: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant({}), tie('graph')),
      refAttrName: fc.constantFrom('', '', 'axis'),
    },
    { requiredKeys: ['name'] },
  ) as fc.Arbitrary<Init<typeof AttributeProtoSchema>>,
  node: fc.record({
    opType: operator,
    domain: fc.constantFrom('', '', '', '', 'ai.onnx', 'com.microsoft', 'local'),
    input: fc.array(name, { maxLength: 4 }),
    output: fc.array(name, { minLength: 1, maxLength: 2 }),
    attribute: fc.array(tie('attribute') as fc.Arbitrary<Tied['attribute']>, { maxLength: 3 }),
  }),
  graph: fc.record({
    node: fc.array(tie('node') as fc.Arbitrary<Tied['node']>, { maxLength: 4 }),
    initializer: fc.array(fc.oneof({ weight: 5, arbitrary: soundTensor }, tensorInit), { maxLength: 3 }),
    input: fc.array(valueInit, { maxLength: 2 }),
    output: fc.array(valueInit, { maxLength: 2 }),
    valueInfo: fc.array(valueInit, { maxLength: 2 }),
  }),
}));

const functions = fc.array(
  fc.record({
    name: fc.constantFrom('F', 'G'),
    domain: fc.constantFrom('', 'local'),
    input: fc.array(name, { maxLength: 2 }),
    output: fc.array(name, { maxLength: 2 }),
    node: fc.array(node, { maxLength: 3 }),
    opsetImport: fc.constantFrom([], [{ version: 18n }], [{ version: 9n }]),
  }),
  { maxLength: 2 },
);

const soundNode: fc.Arbitrary<Init<typeof NodeProtoSchema>> = fc.record({
  opType: fc.constantFrom(...operatorNames),
  input: fc.array(name, { minLength: 1, maxLength: 4 }),
  output: fc.array(name, { minLength: 1, maxLength: 2 }),
  attribute: fc.array(soundAttribute, { maxLength: 3 }),
});

const soundValue: fc.Arbitrary<Init<typeof ValueInfoProtoSchema>> = fc
  .array(fc.bigInt({ min: 0n, max: 6n }), { maxLength: 5 })
  .map((dims) => {
    const dim = dims.map((value, i) => ({
      value: i === 0 ? { case: 'dimParam' as const, value: 'N' } : { case: 'dimValue' as const, value },
    }));
    return { type: { value: { case: 'tensorType', value: { elemType: 1, shape: { dim } } } } };
  });

/** Nodes in a row from x to y, each with outputs of its own: most of these are read, many differentiated. */
const chain: fc.Arbitrary<Init<typeof GraphProtoSchema>> = fc
  .record({
    nodes: fc.array(fc.oneof(node, { weight: 4, arbitrary: soundNode }), { minLength: 1, maxLength: 3 }),
    weights: fc.array(soundTensor, { maxLength: 3 }),
    x: fc.oneof(valueInit, { weight: 4, arbitrary: soundValue }),
  })
  .map(({ nodes, weights, x }) => ({
    node: nodes.map((n, i) => ({
      ...n,
      input: [
        i === 0 ? 'x' : `t${i - 1}`,
        ...(n.input ?? []).slice(1).map((_, k) => `w${k % Math.max(1, weights.length)}`),
      ],
      output: (n.output ?? []).map((_, k) => (k > 0 ? `t${i}_${k}` : i === nodes.length - 1 ? 'y' : `t${i}`)),
    })),
    initializer: weights.map((w, k) => ({ ...w, name: `w${k}` })),
    input: [{ ...x, name: 'x' }],
    output: [{ name: 'y' }],
  }));

export const messages: fc.Arbitrary<Uint8Array> = fc
  .record({
    graph: fc.oneof(graph, { weight: 3, arbitrary: chain }),
    functions,
    opset: fc.constantFrom(7n, 9n, 11n, 13n, 18n, 18n, 22n, 2n ** 60n),
  })
  .map(({ graph: own, functions: called, opset }) =>
    toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 8n,
        graph: own,
        functions: called,
        opsetImport: [
          { domain: '', version: opset },
          { domain: 'local', version: 1n },
        ],
      } as unknown as Init<typeof ModelProtoSchema>),
    ),
  );
