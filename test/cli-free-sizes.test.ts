import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Graph, GraphBuilder, readModel, writeModel } from '../src/onnx/index.ts';
import {
  type AnyTensor,
  int64,
  numbers,
  readNpy,
  type Tensor,
  tensor,
  writeNpy,
} from '../src/tensor/index.ts';
import { openWorld } from './cli-world.ts';
import { drawn, outputsOf, slopes } from './differences.ts';

// The commands on graphs that leave sizes free, or tell them wrongly.

let world: Awaited<ReturnType<typeof openWorld>>;
const feeds = { pixels: drawn([2, 3, 6, 5], -1, 1, 1) };

beforeAll(async () => {
  world = await openWorld({ keepHosts: true });
  const arrays: Record<string, AnyTensor> = {
    pixels: feeds.pixels,
    weights: drawn([2, 4], 0.5, 1.5, 2),
    row: drawn([1, 4], 0.5, 1.5, 3),
    three: drawn([3, 4], 0.5, 1.5, 4),
    none: int64([]),
    classes: int64([3, 1]),
    label: int64([3]),
  };
  for (const [name, array] of Object.entries(arrays)) writeFileSync(at(`${name}-array.npy`), writeNpy(array));
  for (const [name, graph] of Object.entries({
    free: free(),
    lying: lying(),
    flat: flat(),
    named: free('labels'),
  }))
    writeFileSync(at(`${name}.onnx`), writeModel(graph));
});

afterAll(() => world.close());

const at = (name: string): string => path.join(world.folder, name);

/** A network for images of any size. @param hidden the name of its first feature map */
function free(hidden = 'conv'): Graph {
  const b = new GraphBuilder(undefined, { name: 'free' });
  const x = b.input('pixels', 'float32', ['N', 3, 'H', 'W']);
  const conv = b.node(
    'Conv',
    [x, b.constant(drawn([4, 3, 3, 3], -1, 1, 7))],
    { pads: [1, 1, 1, 1] },
    { outputs: [hidden] },
  );
  const pooled = b.op('GlobalAveragePool', [b.op('Softplus', conv)], {}, 'pool');
  b.output(b.op('Flatten', [pooled]), 'scores');
  return b.finish();
}

/** A network that is free in the sizes of its file, and takes 8x8 only. */
function flat(): Graph {
  const b = new GraphBuilder(undefined, { name: 'flat' });
  const x = b.input('pixels', 'float32', ['N', 3, 'H', 'W']);
  const pooled = b.op('MaxPool', [x], { kernel_shape: [4, 4], strides: [4, 4] });
  b.output(
    b.op('MatMul', [b.op('Flatten', [pooled]), b.constant(drawn([12, 4], -1, 1, 8))], {}, 'last'),
    'scores',
  );
  return b.finish();
}

/** x + Σz, of whose shape the file says that it is x's. */
function lying(): Graph {
  const b = new GraphBuilder(undefined, { name: 'lying' });
  const [x, z, axes] = [
    b.input('x', 'float32', [1, 4]),
    b.input('z', 'float32', ['M', 4]),
    b.input('axes', 'int64', ['k']),
  ];
  const sum = b.op('ReduceSum', [z, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  b.declare(sum, { dtype: 'float32', shape: [1, 4] });
  b.output(b.op('Add', [x, sum]), 'y');
  return b.finish();
}

const given = '--input pixels-array.npy --cotangent weights-array.npy --output g.npy';

test('gradient takes the sizes of its arrays', async () => {
  expect(await world.all([`gradient free.onnx ${given}`])).toEqual([{ out: '', err: '', code: 0 }]);
  const gradient = readNpy(readFileSync(at('g.npy')), 'g.npy');
  const cotangent = readNpy(readFileSync(at('weights-array.npy')), 'weights');
  expect(gradient.shape).toEqual([2, 3, 6, 5]);
  for (const s of await slopes(free(), feeds, { of: 'scores', wrt: 'pixels', cotangent, gradient }))
    expect(Math.abs(s.expected - s.found)).toBeLessThan(0.01 * s.typical);
});

test('labels may be the name of a tensor of the network', async () => {
  const lines = ['free', 'named'].map(
    (name) =>
      `gradient ${name}.onnx --input pixels-array.npy --labels classes-array.npy --output ${name}.npy`,
  );
  expect(await world.all(lines)).toEqual(lines.map(() => ({ out: '', err: '', code: 0 })));
  const [one, other] = ['free', 'named'].map((name) => readNpy(readFileSync(at(`${name}.npy`)), name));
  expect(other).toEqual(one);
  expect(Math.max(...numbers(one as Tensor).map(Math.abs))).toBeGreaterThan(1e-3);
});

test('inspect says which sizes are missing, and takes them', async () => {
  const lines = [
    'inspect free.onnx',
    'inspect free.onnx --size 6x5',
    'inspect free.onnx --gradient none.onnx',
    'inspect free.onnx --size 6x5x4',
    'inspect free.onnx --size 6,5',
    'inspect free.onnx --size image=6',
    'inspect fixed.onnx --size 9',
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ inspect free.onnx
    free.onnx
    opset 18, 108 parameters, 432 B
    input   pixels float32 [N, 3, H, W]
    output  scores float32 [N, 4]

    operator           count  on the way  gradient
    ──────────────────────────────────────────────
    Conv                   1           1  yes
    Flatten                1           1  yes
    GlobalAveragePool      1           1  yes
    Identity               1           1  yes
    Softplus               1           1  yes

    Of 5 nodes, 5 have a gradient, 0 have zero by decision, 0 have none.
    The gradient needs sizes that the graph leaves free: axes 2 and 3 of pixels [N, 3, H, W]. Give them with
    --size 224x224, for instance.

    What it costs cannot be told: the shape of "conv" is not known.
    = 0

    $ inspect free.onnx --size 6x5
    free.onnx
    opset 18, 108 parameters, 432 B
    input   pixels float32 [N, 3, 6, 5]
    output  scores float32 [N, 4]

    operator           count  on the way  gradient
    ──────────────────────────────────────────────
    Conv                   1           1  yes
    Flatten                1           1  yes
    GlobalAveragePool      1           1  yes
    Identity               1           1  yes
    Softplus               1           1  yes

    Of 5 nodes, 5 have a gradient, 0 have zero by decision, 0 have none.
    The gradient of scores with respect to pixels can be had. It passes 5 nodes.

    one image             multiply-adds  operations  memory
    ───────────────────────────────────────────────────────
    forward                       3,240       6,720   960 B
    forward and gradient          6,480      13,444  1.9 kB
    = 0

    $ inspect free.onnx --gradient none.onnx
    free.onnx
    opset 18, 108 parameters, 432 B
    input   pixels float32 [N, 3, H, W]
    output  scores float32 [N, 4]

    operator           count  on the way  gradient
    ──────────────────────────────────────────────
    Conv                   1           1  yes
    Flatten                1           1  yes
    GlobalAveragePool      1           1  yes
    Identity               1           1  yes
    Softplus               1           1  yes

    Of 5 nodes, 5 have a gradient, 0 have zero by decision, 0 have none.
    The gradient needs sizes that the graph leaves free: axes 2 and 3 of pixels [N, 3, H, W]. Give them with
    --size 224x224, for instance.

    What it costs cannot be told: the shape of "conv" is not known.
    error SIZE_NEEDED  free.onnx: The gradient needs the sizes that "pixels" leaves free.
      fix: Give them with --size: 224x224, for instance.
    = 2

    $ inspect free.onnx --size 6x5x4
    error ARGUMENT  free.onnx: --size is "6x5x4", but "pixels" [N, 3, H, W] leaves 2 sizes free behind its first axis.
      fix: Give one number for each of them: --size 32x32.
    = 2

    $ inspect free.onnx --size 6,5
    error ARGUMENT  free.onnx: --size is "6,5".
      fix: Give whole numbers with an x between them: --size 224x224.
    = 2

    $ inspect free.onnx --size image=6
    error ARGUMENT  free.onnx: --size image=6 is for "image", which is no input of the graph.
      fix: Write --size NAME=32x32; its inputs are pixels.
    = 2

    $ inspect fixed.onnx --size 9
    error ARGUMENT  fixed.onnx: --size is "9", but "pixels" [1, 3, 8, 8] leaves 0 sizes free behind its first axis.
      fix: Leave --size out.
    = 2
    "
  `);
  const [json] = await world.all(['inspect free.onnx --json']);
  expect(JSON.parse(json?.out ?? '')).toMatchObject({
    differentiable: false,
    blocking: [
      { operator: 'Conv', lacksSizes: true },
      { operator: 'GlobalAveragePool', lacksSizes: true },
    ],
    missingSizes: [{ input: 'pixels', axes: [2, 3] }],
  });
});

test('what inspect writes for a size is right for it', async () => {
  const [said] = await world.all(['inspect free.onnx --size pixels=6x5 --gradient sized.onnx']);
  expect(said?.code).toBe(0);
  const sized = readModel(readFileSync(at('sized.onnx')));
  const cotangent = tensor(new Float32Array(8).fill(1), [2, 4]);
  const found = await outputsOf(sized, { ...feeds, cotangent });
  const gradient = found['grad_pixels'] as AnyTensor;
  for (const s of await slopes(free(), feeds, { of: 'scores', wrt: 'pixels', cotangent, gradient }))
    expect(Math.abs(s.expected - s.found)).toBeLessThan(0.01 * s.typical);
});

test('sizes that the network does not take', async () => {
  const lines = ['inspect flat.onnx --size 16', `gradient flat.onnx ${given}`];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ inspect flat.onnx --size 16
    error INPUT_SIZE  flat.onnx, node MatMul "last": The graph does not take inputs of these sizes: MatMul does not fit what it is given: the inner sizes of [N, 48] and [12, 4] differ.
      fix: Give another --size: the one that the network was trained for, if in doubt.
    = 2

    $ gradient flat.onnx --input pixels-array.npy --cotangent weights-array.npy --output g.npy
    error INPUT_SIZE  flat.onnx, node MatMul "last": The graph does not take inputs of these sizes: MatMul does not fit what it is given: the inner sizes of [2, 3] and [12, 4] differ.
      fix: Save arrays of another size: the one that the network was trained for, if in doubt.
    = 2
    "
  `);
  const [fits] = await world.all(['inspect flat.onnx --size 8']);
  expect(fits).toMatchObject({ err: '', code: 0 });
});

test('gradient refuses shapes that do not fit', async () => {
  const sum =
    'gradient lying.onnx --input x=row-array.npy --input z=three-array.npy --input axes=none-array.npy';
  const lines = [
    `gradient free.onnx ${given.replace('weights', 'row')}`,
    `${sum} --wrt x --cotangent row-array.npy --output g.npy`,
    `${sum} --wrt x --labels label-array.npy --output g.npy`,
    'gradient product.onnx --input a=a.npy --input b=b.npy --wrt a --labels classes-array.npy --output g.npy',
  ];
  expect(await world.tell(lines)).toMatchInlineSnapshot(`
    "$ gradient free.onnx --input pixels-array.npy --cotangent row-array.npy --output g.npy
    error RUNTIME_INPUT  free.onnx: The input "cotangent" is float32 [2, 4], but received float32 [1, 4].
      fix: Feed every input of the model with a tensor of its type and shape.
    = 2

    $ gradient lying.onnx --input x=row-array.npy --input z=three-array.npy --input axes=none-array.npy --wrt x --cotangent row-array.npy --output g.npy
    error RUNTIME_INPUT  row-array.npy: The array is [1, 4], the output "y" [3, 4].
      fix: Save a weight for each element of the output, in its shape.
    = 2

    $ gradient lying.onnx --input x=row-array.npy --input z=three-array.npy --input axes=none-array.npy --wrt x --labels label-array.npy --output g.npy
    error GRADIENT_SHAPE  lying.onnx: The gradient of "x" came out as [3, 4], which is not its shape [1, 4].
      fix: The model records wrong shapes of its tensors: export it again, or leave them out.
    = 2

    $ gradient product.onnx --input a=a.npy --input b=b.npy --wrt a --labels classes-array.npy --output g.npy
    error MODEL_OUTPUT  product.onnx: The output "product" is [3]: labels need [N, classes].
      fix: Name another output with --of, or give --cotangent in the place of --labels.
    = 2
    "
  `);
});
