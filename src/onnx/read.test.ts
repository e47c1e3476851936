import type { MessageInitShape } from '@bufbuild/protobuf';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import type { AnyTensor } from '../tensor/index.ts';
import { numbers } from '../tensor/index.ts';
import { check } from './check.ts';
import type { GraphProtoSchema, NodeProtoSchema, TensorProtoSchema } from './generated/onnx_pb.ts';
import { ModelProtoSchema } from './generated/onnx_pb.ts';
import type { Graph } from './graph.ts';
import type { ReadOptions } from './read.ts';
import { readModel } from './read.ts';
import { upgrade } from './upgrade.ts';
import { writeModel } from './write.ts';

type Model = MessageInitShape<typeof ModelProtoSchema>;
type GraphInit = MessageInitShape<typeof GraphProtoSchema>;
type NodeInit = MessageInitShape<typeof NodeProtoSchema>;
type TensorInit = MessageInitShape<typeof TensorProtoSchema>;

const value = (name: string, ...dims: (bigint | string)[]): NonNullable<GraphInit['input']>[number] => ({
  name,
  type: {
    value: {
      case: 'tensorType',
      value: {
        elemType: 1,
        shape: {
          dim: dims.map((d) => ({
            value:
              typeof d === 'bigint'
                ? { case: 'dimValue' as const, value: d }
                : { case: 'dimParam' as const, value: d },
          })),
        },
      },
    },
  },
});

function bytesOf(graph: GraphInit, more: Model = {}): Uint8Array {
  const sound: GraphInit = {
    name: 'g',
    node: [{ opType: 'Neg', input: ['x'], output: ['y'] }],
    input: [value('x', 2n)],
    output: [value('y', 2n)],
  };
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 18n }],
    graph: { ...sound, ...graph },
    ...more,
  } as Model);
  return toBinary(ModelProtoSchema, model);
}

function read(graph: GraphInit, options: ReadOptions = {}, more: Model = {}): Graph {
  const read = readModel(bytesOf(graph, more), { name: 'net.onnx', ...options });
  check(read, { name: 'net.onnx' });
  return read;
}

function refusal(graph: GraphInit, options: ReadOptions = {}, more: Model = {}): unknown {
  try {
    read(graph, options, more);
  } catch (e) {
    return JSON.parse(JSON.stringify(e));
  }
  return undefined;
}

const node = (opType: string, input: string[], output: string[], more: NodeInit = {}): NodeInit => ({
  opType,
  input,
  output,
  ...more,
});

const weight = (more: TensorInit): GraphInit => ({
  node: [node('Add', ['x', 'w'], ['y'])],
  initializer: [{ name: 'w', dataType: 1, dims: [2n], floatData: [1, 2], ...more }],
});

describe('names', () => {
  test('a cycle', () => {
    expect(refusal({ node: [node('Add', ['x', 'b'], ['y']), node('Neg', ['y'], ['b'])] })).toEqual({
      code: 'ONNX_GRAPH',
      message: 'The graph has a cycle.',
      where: 'net.onnx, near tensor "y"',
      remedy: 'Export the model again: an ONNX graph has no cycles.',
    });
    expect(refusal({ node: [node('Neg', ['y'], ['y'])] })).toMatchObject({ code: 'ONNX_GRAPH' });
  });

  test.for<[string, string, GraphInit]>([
    [
      'two nodes',
      'The tensor "y" is made twice.',
      { node: [node('Neg', ['x'], ['y']), node('Abs', ['x'], ['y'])] },
    ],
    ['one node', 'The tensor "y" is made twice.', { node: [node('Split', ['x'], ['y', 'y'])] }],
    ['a node and an input', 'The tensor "x" is made twice.', { node: [node('Neg', ['x'], ['x'])] }],
    [
      'a node and a constant',
      'The tensor "y" is made twice.',
      { initializer: [{ name: 'y', dataType: 1, dims: [2n], floatData: [1, 2] }] },
    ],
    [
      'constants',
      'The constant "w" is given twice.',
      {
        initializer: [1, 2].map((v) => ({ name: 'w', dataType: 1, dims: [], floatData: [v] })),
      },
    ],
    [
      'a constant and a Constant',
      'The constant "w" is given twice.',
      {
        initializer: [{ name: 'w', dataType: 1, dims: [], floatData: [1] }],
        node: [node('Constant', [], ['w'], { attribute: [{ name: 'value_float', type: 1, f: 2 }] })],
      },
    ],
    ['inputs', 'The input "x" is given twice.', { input: [value('x', 2n), value('x', 2n)] }],
    ['outputs', 'The output "y" is given twice.', { output: [value('y', 2n), value('y', 2n)] }],
  ])('the same name twice: %s', ([, message, graph]) => {
    expect(refusal(graph)).toEqual({
      code: 'ONNX_GRAPH',
      message,
      where: 'net.onnx',
      remedy: 'Export the model again: every name belongs to one thing.',
    });
  });

  test('read but never made: by a node, as an output, in a function', () => {
    expect(refusal({ node: [node('Add', ['x', 'z'], ['y'])] })).toMatchObject({ code: 'MODEL_TENSOR' });
    expect(refusal({ output: [value('z')] })).toMatchObject({ code: 'MODEL_TENSOR' });
    const body = {
      name: 'F',
      domain: 'own',
      input: ['a'],
      output: ['b'],
      node: [node('Add', ['a', 'c'], ['b'])],
    };
    expect(refusal({}, {}, { functions: [body] })).toEqual({
      code: 'MODEL_TENSOR',
      message: 'The tensor "c" is read, but no node makes it.',
      where: 'net.onnx, function "F", node Add "b"',
      remedy: 'Export the model again: it is incomplete.',
    });
    expect(refusal({}, {}, { functions: [body, body] })).toMatchObject({
      message: 'The function "own.F" is given twice.',
    });
  });

  test('names of an object’s own parts are names', () => {
    const graph = read({
      node: [
        node('Neg', ['x'], ['__proto__'], { attribute: [{ name: '__proto__', type: 2, i: 1n }] }),
        node('toString', ['__proto__'], ['y'], { domain: 'constructor' }),
      ],
    });
    expect(graph.nodes[0]?.attributes['__proto__']).toEqual({ type: 'int', value: 1 });
  });
});

describe('sizes', () => {
  test.for([-2n, -(2n ** 63n), 2n ** 53n, 2n ** 63n - 1n])('a size of %i', (size) => {
    expect(refusal({ input: [value('x', 1n, size)] })).toEqual({
      code: 'ONNX_READ',
      message: `The tensor "x" has a size of ${size}.`,
      where: 'net.onnx',
      remedy: 'The file is damaged: export or copy it again.',
    });
  });

  test('what stands for an unknown size, and names that look like numbers', () => {
    const shape = [-1n, '', '?', '12', 'N*2'] as const;
    expect(read({ input: [value('x', ...shape)] }).inputs[0]?.shape).toEqual([
      '?x:0',
      '?x:1',
      '?x:2',
      '·12',
      'N·2',
    ]);
  });

  test.for<[string, TensorInit]>([
    ['negative', { dims: [-2n] }],
    ['beyond any number', { dims: [2n ** 63n - 1n] }],
    ['whose product overflows', { dims: [2n ** 31n, 2n ** 31n] }],
  ])('a constant with sizes %s', ([, more]) => {
    expect(refusal(weight(more))).toEqual({
      code: 'ONNX_READ',
      message: `The constant "w" has the shape [${more.dims?.map(Number).join(', ')}], which no tensor has.`,
      where: 'net.onnx',
      remedy: 'The file is damaged or incomplete: export or copy it again.',
    });
  });

  test.for<[string, TensorInit]>([
    ['has 2 elements for the shape [3]', { dims: [3n] }],
    ['has 0 elements for the shape [2]', { floatData: [] }],
    ['has 0 elements for the shape [1000000000000]', { dims: [10n ** 12n], floatData: [] }],
    ['has 7 bytes where float32 [2] needs 8', { floatData: [], rawData: new Uint8Array(7) }],
    ['has 9 bytes where float32 [2] needs 8', { floatData: [], rawData: new Uint8Array(9) }],
    // Told before memory for the shape is taken.
    [
      'has 4 bytes where float32 [1000000000000] needs 4000000000000',
      { dims: [10n ** 12n], rawData: new Uint8Array(4) },
    ],
    ['holds strings as raw bytes', { dataType: 8, floatData: [], rawData: new Uint8Array(8) }],
    ['has 1 elements for the shape [2]', { dataType: 8, floatData: [], stringData: [new Uint8Array(1)] }],
  ])('a constant that %s', ([sentence, more]) => {
    expect(refusal(weight(more))).toEqual({
      code: 'ONNX_READ',
      message: `The constant "w" ${sentence}.`,
      where: 'net.onnx',
      remedy: 'The file is damaged or incomplete: export or copy it again.',
    });
  });

  test('an element type that is not known', () => {
    expect(refusal(weight({ dataType: 14 }))).toEqual({
      code: 'ONNX_TYPE',
      message: 'The constant "w" has element type COMPLEX64, which is not supported.',
      where: 'net.onnx',
      remedy: 'Export the model with float, integer or boolean constants.',
    });
    expect(refusal(weight({ dataType: 99 }))).toMatchObject({
      message: 'The constant "w" has element type 99, which is not supported.',
    });
  });
});

describe('attributes', () => {
  test('of the wrong type', () => {
    const conv = node('Conv', ['x', 'x'], ['y'], { attribute: [{ name: 'strides', type: 2, i: 2n }] });
    expect(refusal({ node: [conv] })).toEqual({
      code: 'MODEL_ATTRIBUTE',
      message: 'The attribute strides of Conv is of type int where it takes ints.',
      where: 'net.onnx, node Conv "y"',
      remedy: 'Export the model again, or check the operator against its definition.',
    });
  });

  test('the largest integer stays one that can be written', () => {
    const graph = read(
      {
        node: [
          node('Slice', ['x'], ['y'], {
            attribute: [
              { name: 'starts', type: 7, ints: [1n] },
              { name: 'ends', type: 7, ints: [2n ** 63n - 1n] },
            ],
          }),
        ],
      },
      {},
      { opsetImport: [{ domain: '', version: 9n }] },
    );
    expect(readModel(writeModel(graph)).nodes).toEqual(graph.nodes);
    const constants = [...upgrade(graph).initializers.values()].flatMap((t) => [
      ...(t.data as BigInt64Array),
    ]);
    expect(constants).toContain(2n ** 63n - 1n);
  });
});

describe('external data', () => {
  const at = (entries: Record<string, string>, more: TensorInit = {}): GraphInit =>
    weight({
      floatData: [],
      dataLocation: 1,
      externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      ...more,
    });
  const file = new Uint8Array(Float32Array.of(5, 6, 7).buffer);
  const asked: string[] = [];
  const external: NonNullable<ReadOptions['external']> = (location, { offset, length }) => {
    asked.push(`${location} ${offset}+${length}`);
    return file.subarray(offset, offset + length);
  };

  test('only the part that is needed is asked for', () => {
    const graph = read(at({ location: 'w.bin', offset: '4' }), { external });
    expect(numbers(graph.initializers.get('w') as AnyTensor)).toEqual([6, 7]);
    expect(asked).toEqual(['w.bin 4+8']);
  });

  test.for(['../w.bin', 'a/../../w.bin', '/etc/passwd', '\\w.bin', 'a\\..\\..\\w.bin', 'C:\\w.bin', ''])(
    'outside the folder: %s',
    (location) => {
      asked.length = 0;
      expect(refusal(at({ location }), { external })).toEqual({
        code: 'ONNX_EXTERNAL',
        message: `The constant "w" lies in "${location}", outside the model's folder.`,
        where: 'net.onnx',
        remedy: 'Export the model with its data beside it.',
      });
      expect(asked).toEqual([]);
    },
  );

  test.for<[Record<string, string>, string]>([
    [{ offset: '8' }, 'needs bytes 8 to 16 of "w.bin", which ends before.'],
    [
      { offset: '9007199254740000' },
      'needs bytes 9007199254740000 to 9007199254740008 of "w.bin", which ends before.',
    ],
    [{ length: '12' }, 'has 12 bytes in "w.bin", where its shape needs 8.'],
    [{ length: '99999999' }, 'has 99999999 bytes in "w.bin", where its shape needs 8.'],
    [{ offset: '-4', length: '8' }, 'lies at offset "-4", length "8" of "w.bin": that is no place.'],
    [{ offset: '1e3', length: '8' }, 'lies at offset "1e3", length "8" of "w.bin": that is no place.'],
  ])('%j', ([entries, sentence]) => {
    expect(refusal(at({ location: 'w.bin', ...entries }), { external })).toMatchObject({
      code: 'ONNX_EXTERNAL',
      message: `The constant "w" ${sentence}`,
      where: 'net.onnx',
    });
  });

  test('without a way to read it', () => {
    expect(refusal(at({ location: 'w.bin' }))).toEqual({
      code: 'ONNX_EXTERNAL',
      message: 'The constant "w" lies in another file, "w.bin".',
      where: 'net.onnx',
      remedy: 'Load the model by its path, so that the file beside it is found.',
    });
  });
});

test('graphs within graphs', () => {
  expect(readModel(nested(20)).nodes[0]?.op).toBe('If');
  for (const depth of [200, 600])
    expect(() => readModel(nested(depth), { name: 'net.onnx' })).toThrow(
      expect.objectContaining({
        code: 'ONNX_READ',
        message: 'Its graphs lie too deep within each other.',
        where: 'net.onnx',
        remedy: 'Export the model with fewer levels of If, Loop and Scan: 30 are read.',
      }),
    );
});

test('a message without a graph, as of another kind of file, is told', () => {
  const bytes = toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n }));
  expect(() => readModel(bytes, { name: 'net.onnx' })).toThrow(
    expect.objectContaining({
      code: 'ONNX_READ',
      message: 'This is not an ONNX model: it holds no graph.',
      where: 'net.onnx',
      remedy: 'Pass a file that was exported as ONNX.',
    }),
  );
});

/** Bytes by hand, for the writer has a depth of its own: the innermost message first. */
function nested(depth: number): Uint8Array {
  const innermost: GraphInit = { node: [node('Neg', ['x'], ['z'])], output: [value('z', 2n)] };
  const outermost: GraphInit = {
    name: 'g',
    input: [value('x', 2n)],
    output: [value('y', 2n)],
    initializer: [{ name: 'c', dataType: 9, dims: [], int32Data: [1] }],
  };
  let bytes: Uint8Array = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph: innermost }));
  for (let i = 0; i < depth; i++)
    bytes = wrapped(bytes, i === depth - 1 ? outermost : { output: [value('z', 2n)] });
  const opset = toBinary(ModelProtoSchema, create(ModelProtoSchema, { opsetImport: [{ version: 18n }] }));
  return Buffer.concat([bytes, opset]);
}

/** A model whose graph is an If with the given model's graph as its branches. */
function wrapped(model: Uint8Array, graph: GraphInit): Uint8Array {
  // A model of nothing but a graph is that graph behind a tag and a length.
  const inner = model.subarray(1 + lengthOfVarint(model, 1));
  const field = (number: number, bytes: Uint8Array): Uint8Array =>
    Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
  const name = (text: string): Uint8Array => field(1, Buffer.from(text));
  const branch = (text: string): Uint8Array =>
    field(5, Buffer.concat([name(text), field(6, inner), Buffer.of(0xa0, 0x01, 5)]));
  const output = graph.input === undefined ? 'z' : 'y';
  const own = Buffer.concat([
    name('c'),
    field(2, Buffer.from(output)),
    field(4, Buffer.from('If')),
    branch('then_branch'),
  ]);
  const rest = toBinary(ModelProtoSchema, create(ModelProtoSchema, { graph }));
  return field(7, Buffer.concat([field(1, own), rest.subarray(1 + lengthOfVarint(rest, 1))]));
}

function varint(value: number): Uint8Array {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.of(...bytes, rest);
}

function lengthOfVarint(bytes: Uint8Array, at: number): number {
  let length = 1;
  while (((bytes[at + length - 1] as number) & 128) !== 0) length++;
  return length;
}
