import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import type { AttributeInput, Graph, GraphFunction } from '../../src/onnx/index.ts';
import { float, GraphBuilder, writeModel } from '../../src/onnx/index.ts';
import { int64, scalar, tensor } from '../../src/tensor/index.ts';

// Small real models, which hold every kind of thing that the reader reads.

const weight = (shape: readonly number[]) => {
  const size = shape.reduce((a, d) => a * d, 1);
  return tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i + 1)),
    shape,
  );
};

function convnet(): Graph {
  const b = new GraphBuilder(undefined, { opset: 13 });
  const x = b.input('x', 'float32', ['N', 2, 6, 6]);
  const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
  const h = b.op('Relu', [
    b.op('Conv', [x, b.constant(weight([3, 2, 3, 3])), b.constant(weight([3]))], attributes),
  ]);
  const p = b.op('MaxPool', [h], { kernel_shape: [2, 2], ceil_mode: 1, auto_pad: 'SAME_UPPER' });
  const size = b.op('Slice', [b.op('Shape', [p]), b.ints([0]), b.ints([1])]);
  const flat = b.op('Reshape', [p, b.op('Concat', [size, b.ints([-1])], { axis: 0 })]);
  b.output(
    b.op('Gemm', [flat, b.constant(weight([27, 4])), b.constant(weight([4]))], { alpha: float(0.5) }),
    'y',
  );
  return b.finish();
}

function branching(): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3]);
  const branch = (op: string): AttributeInput => {
    const inner = new GraphBuilder();
    inner.output(inner.op(op, [x]));
    return { type: 'graph', value: inner.finish() };
  };
  const rank = b.op('Gather', [b.op('Shape', [x]), b.scalar(1, 'int64')]);
  const equal = b.op('Equal', [rank, b.scalar(3, 'int64')]);
  const y = b.op('If', [b.op('Not', [equal])], { then_branch: branch('Tanh'), else_branch: branch('Sin') });
  const body = new GraphBuilder();
  body.input('i', 'int64', []);
  const go = body.input('go', 'bool', []);
  const h = body.input('h', 'float32', ['N', 3]);
  body.output(go);
  body.output(body.op('Mul', [h, x]));
  b.output(
    b.op('Loop', [b.constant(scalar(2, 'int64')), undefined, y], {
      body: { type: 'graph', value: body.finish() },
    }),
    'y',
  );
  return b.finish();
}

function calling(): Graph {
  const f: GraphFunction = {
    domain: 'local',
    name: 'Twice',
    inputs: ['a'],
    outputs: ['b'],
    attributes: ['slope'],
    defaults: { slope: { type: 'float', value: 0.5 } },
    nodes: [
      {
        op: 'LeakyRelu',
        domain: '',
        name: '',
        inputs: ['a'],
        outputs: ['t'],
        attributes: { alpha: { type: 'reference', value: 'slope', of: 'alpha' } },
      },
      { op: 'Add', domain: '', name: '', inputs: ['t', 'a'], outputs: ['b'], attributes: {} },
    ],
    opsets: new Map([['', 17]]),
  };
  const b = new GraphBuilder({ ...new GraphBuilder(undefined, { opset: 17 }).finish(), functions: [f] });
  const x = b.input('x', 'float32', ['N', 4]);
  const [y] = b.node('Twice', [x], { slope: float(0.1) }, { domain: 'local' });
  const [top] = b.node('TopK', [y, b.constant(int64([2]))], { axis: 1 }, { outputs: 2 });
  b.output(b.op('Softmax', [b.op('Pad', [top, b.ints([0, 1, 0, 0]), b.scalar(0.5)])]), 'y');
  return b.finish();
}

/** What the project's own writer does not write: data by type, data in other files, Constant nodes, old opsets. */
function foreign(): Uint8Array {
  const named = (name: string, dims: readonly bigint[]) => ({
    name,
    type: {
      value: {
        case: 'tensorType' as const,
        value: {
          elemType: 1,
          shape: { dim: dims.map((value) => ({ value: { case: 'dimValue' as const, value } })) },
        },
      },
    },
  });
  const model: MessageInitShape<typeof ModelProtoSchema> = {
    irVersion: 3n,
    opsetImport: [{ domain: 'ai.onnx', version: 9n }],
    graph: {
      name: 'g',
      node: [
        { opType: 'Add', input: ['m', 'c'], output: ['y'] },
        {
          opType: 'Constant',
          output: ['c'],
          attribute: [{ name: 'value', t: { dataType: 1, dims: [2n], floatData: [1, 2] } }],
        },
        { opType: 'MatMul', input: ['s', 'w'], output: ['m'] },
        {
          opType: 'Slice',
          input: ['x'],
          output: ['s'],
          attribute: [
            { name: 'starts', ints: [0n] },
            { name: 'ends', ints: [2n ** 63n - 1n] },
            { name: 'axes', ints: [1n] },
          ],
        },
      ],
      initializer: [
        {
          name: 'w',
          dataType: 1,
          dims: [3n, 2n],
          dataLocation: 1,
          externalData: [
            { key: 'location', value: 'w.bin' },
            { key: 'offset', value: '8' },
            { key: 'length', value: '24' },
          ],
        },
        { name: 'k', dataType: 7, dims: [1n], int64Data: [3n] },
      ],
      input: [named('x', [-1n, 3n]), named('w', [3n, 2n])],
      output: [named('y', [1n, 2n])],
    },
    metadataProps: [{ key: 'a', value: 'b' }],
  };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, model));
}

export const smallModels: readonly Uint8Array[] = [
  writeModel(convnet()),
  writeModel(branching()),
  writeModel(calling()),
  foreign(),
];
