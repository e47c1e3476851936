import { describe, expect, test } from 'vitest';
import { close, filled, logitsOf, sidecarOf } from '../../test/small-models.ts';
import { type Graph, GraphBuilder, onnxType, type Shape } from '../onnx/index.ts';
import { AdvarenaError, type DType, int64, tensor } from '../tensor/index.ts';
import type { InputValue } from './further-inputs.ts';
import { graphClassifier } from './graph-classifier.ts';
import { networkGraph } from './network.ts';

/** Means of the channels of 4x4 images times a further input, and one that nothing reads. */
function scaled(dtype: DType, shape: Shape): Graph {
  const b = new GraphBuilder(undefined, { name: 'scaled' });
  const x = b.input('x', 'float32', ['N', 3, 4, 4]);
  const factor = b.input('factor', dtype, shape);
  b.input('unused', 'string', ['N']);
  const means = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
  b.output(b.op('Mul', [means, b.op('Cast', [factor], { to: onnxType('float32') })]), 'y');
  return b.finish();
}

const images = filled('images', [2, 3, 4, 4]);
const means = Array.from({ length: 6 }, (_, i) =>
  images.data.subarray(16 * i, 16 * i + 16).reduce((a, v) => a + v / 16, 0),
);

const scaledBy = (factor: number): number[] => means.map((m) => m * factor);

async function told(
  graph: Graph,
  values: Record<string, InputValue>,
  inSidecar: Record<string, number | boolean> = {},
): Promise<Float32Array | string> {
  try {
    const image = networkGraph(
      graph,
      { ...sidecarOf(), inputs: inSidecar },
      { name: 'm', where: 'm.json', inputs: new Map(Object.entries(values)) },
    );
    return (await logitsOf(graphClassifier(image, { name: 'm' }), images)).data;
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    return `${error.code} ${error.where}: ${error.message} | ${error.remedy}`;
  }
}

describe('inputs beside the images', () => {
  test.for<[dtype: DType, shape: Shape, value: InputValue, factors: number[]]>([
    ['float32', [], 2.5, [2.5, 2.5, 2.5]],
    ['float32', [1], 2.5, [2.5, 2.5, 2.5]],
    ['float32', ['any'], 2.5, [2.5, 2.5, 2.5]],
    ['float16', [], 2.5, [2.5, 2.5, 2.5]],
    ['float64', [3], 2.5, [2.5, 2.5, 2.5]],
    ['int64', [], 3, [3, 3, 3]],
    ['int32', [], -3, [-3, -3, -3]],
    ['uint8', [], 17, [17, 17, 17]],
    ['bool', [], true, [1, 1, 1]],
    ['bool', [], 0, [0, 0, 0]],
    ['float32', ['any', 3], tensor(Float32Array.of(1, 2, 4), [1, 3]), [1, 2, 4]],
    ['float32', [3], int64([1, 2, 4]), [1, 2, 4]],
    ['int64', [3], tensor(Float64Array.of(1, 2, 4), [3], 'float64'), [1, 2, 4]],
  ])('%s %j', async ([dtype, shape, value, factors]) => {
    const scores = await told(scaled(dtype, shape), { factor: value });
    close(
      scores as Float32Array,
      means.map((m, i) => m * (factors[i % 3] as number)),
    );
  });

  test('whole numbers of 64 bits keep all their digits, or are refused', async () => {
    const b = new GraphBuilder(undefined, { name: 'odd' });
    const x = b.input('x', 'float32', ['N', 3, 4, 4]);
    const rest = b.op('Mod', [b.input('factor', 'int64', []), b.constant(int64([10], []))]);
    const means = b.op('Flatten', [b.op('GlobalAveragePool', [x])], { axis: 1 });
    b.output(b.op('Mul', [means, b.op('Cast', [rest], { to: onnxType('float32') })]), 'y');
    const graph = b.finish();
    const of = (value: bigint): InputValue => tensor(BigInt64Array.of(value), [], 'int64');
    for (const value of [9_007_199_254_740_993n, 2n ** 63n - 1n])
      close((await told(graph, { factor: of(value) })) as Float32Array, scaledBy(Number(value % 10n)));
    const beyond = tensor(BigUint64Array.of(2n ** 63n), [], 'uint64');
    expect([
      await told(graph, { factor: 2 ** 53 }),
      await told(graph, {}, { factor: -(2 ** 60) }),
      await told(graph, { factor: beyond }),
    ]).toMatchInlineSnapshot(`
      [
        "MODEL_INPUT m.json: The input "factor" is int64, and a number beyond 9007199254740991 is rounded before it comes there. | Give it as an array of type int64 in a .npy file, which keeps every digit.",
        "MODEL_INPUT m.json: The input "factor" is int64, and a number beyond 9007199254740991 is rounded before it comes there. | Give it as an array of type int64 in a .npy file, which keeps every digit.",
        "MODEL_INPUT m.json: The input "factor" is int64, and 9223372036854775808 is no such number. | Correct the value.",
      ]
    `);
  });

  test("the sidecar's value stands where none is given", async () => {
    const half = await told(scaled('float32', []), {}, { factor: 0.5 });
    close(
      half as Float32Array,
      means.map((m) => m / 2),
    );
    const twice = await told(scaled('float32', []), { factor: 2 }, { factor: 0.5 });
    close(
      twice as Float32Array,
      means.map((m) => m * 2),
    );
  });

  test('a dropout that an input turns on or off', async () => {
    const b = new GraphBuilder(undefined, { name: 'dropout' });
    const x = b.input('x', 'float32', ['N', 3, 4, 4]);
    const training = b.input('training', 'bool', []);
    const kept = b.op('Dropout', [x, b.scalar(0.5), training]);
    b.output(b.op('Flatten', [b.op('GlobalAveragePool', [kept])], { axis: 1 }), 'y');
    const graph = b.finish();
    close((await told(graph, { training: false })) as Float32Array, means);
    const image = networkGraph(graph, sidecarOf(), { name: 'm', inputs: new Map([['training', true]]) });
    expect(image.flags.map((f) => f.code)).toEqual(['RANDOM']);
  });

  test('what is missing or does not fit is told with the remedy', async () => {
    const array = tensor(Float32Array.of(1, 2), [2]);
    expect([
      await told(scaled('float32', []), {}),
      await told(scaled('float32', []), { factor: 1, facto: 2 }),
      await told(scaled('float32', []), { factor: 1, x: 2 }),
      await told(scaled('float32', [3]), { factor: array }),
      await told(scaled('float32', []), { factor: Number.NaN }),
      await told(scaled('int64', []), { factor: 0.5 }),
      await told(scaled('uint8', []), { factor: 256 }),
      await told(scaled('bool', []), { factor: 2 }),
      await told(scaled('float32', []), { factor: { dtype: 'string', shape: [1], data: ['two'] } }),
      await told(scaled('string', []), { factor: 2 }),
    ]).toMatchInlineSnapshot(`
      [
        "MODEL_INPUT m.json: The graph reads "factor" (float32 []) beside the images. | Give it a value: --input factor=1, a number or FILE.npy, or "inputs": { "factor": 1 } in the sidecar.",
        "MODEL_INPUT m.json: The graph has no input "facto" that a value could be given to. | Its inputs are x, factor, unused.",
        "MODEL_INPUT m.json: The input "x" takes the images and can be given nothing else. | Its inputs are x, factor, unused.",
        "MODEL_INPUT m.json: The input "factor" is float32 [3], and is given [2]. | Save an array of that shape, or give one number for all of it.",
        "MODEL_INPUT m.json: The input "factor" is float32, and NaN is no such number. | Correct the value.",
        "MODEL_INPUT m.json: The input "factor" is int64, and 0.5 is no such number. | Correct the value.",
        "MODEL_INPUT m.json: The input "factor" is uint8, and 256 is no such number. | Correct the value.",
        "MODEL_INPUT m.json: The input "factor" is bool, and 2 is no such number. | Correct the value.",
        "MODEL_INPUT m.json: The input "factor" is float32, and is given texts. | Give numbers of type float32.",
        "MODEL_INPUT m.json: The input "factor" takes texts. | Export the model without that input.",
      ]
    `);
  });
});
