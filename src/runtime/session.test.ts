import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Graph, Shape } from '../onnx/index.ts';
import { writeModel } from '../onnx/index.ts';
import type { AnyTensor, DType } from '../tensor/index.ts';
import { int64, scalar, tensor } from '../tensor/index.ts';
import type { Session } from './index.ts';
import { createSession } from './index.ts';

const float32 = 1;

/** One node from `inputs` to `y`. */
function oneNode(
  op: string,
  inputs: { name: string; dtype: DType; shape: Shape }[],
  output: DType,
  to?: number,
): Graph {
  return {
    name: op,
    nodes: [
      {
        op,
        domain: '',
        name: '',
        inputs: inputs.map((i) => i.name),
        outputs: ['y'],
        attributes: to === undefined ? {} : { to: { type: 'int', value: to } },
      },
    ],
    inputs,
    outputs: [{ name: 'y', dtype: output, shape: inputs[0]?.shape }],
    initializers: new Map(),
    values: new Map(),
    opsets: new Map([['', 18]]),
    functions: [],
    metadata: {},
  };
}

const add = oneNode(
  'Add',
  [
    { name: 'images', dtype: 'float32', shape: ['N', 3] },
    { name: 'shift', dtype: 'float32', shape: [3] },
  ],
  'float32',
);
const images = tensor(Float32Array.of(1, 2, 3), [1, 3]);
const single = tensor(Float32Array.of(1), [1]);
const shift = tensor(Float32Array.of(10, 20, 30), [3]);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no error',
    (error: { toJSON?: () => unknown }) => error.toJSON?.() ?? error,
  );
}

describe('what is fed', () => {
  let session: Session;
  beforeAll(async () => {
    session = await createSession(add, { name: 'toy' });
  });
  afterAll(() => session.release());

  test('inputs and outputs are described', () => {
    expect(session.inputs).toEqual([
      { name: 'images', dtype: 'float32', shape: ['N', 3] },
      { name: 'shift', dtype: 'float32', shape: [3] },
    ]);
    expect(session.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['N', 3] }]);
  });

  test('a right feed runs, an empty batch too', async () => {
    expect((await session.run({ images, shift }))['y']).toEqual(tensor(Float32Array.of(11, 22, 33), [1, 3]));
    const none = tensor(new Float32Array(0), [0, 3]);
    expect((await session.run({ images: none, shift }, ['y']))['y']?.shape).toEqual([0, 3]);
  });

  test.for<[string, Record<string, AnyTensor>, string]>([
    ['missing', { images }, 'The input "shift" is float32 [3], but received nothing.'],
    [
      'superfluous',
      { images, shift, shifts: shift },
      'Unknown input "shifts". Choose one of: images, shift. Did you mean "shift"?',
    ],
    ['rank', { images: shift, shift }, 'The input "images" is float32 [N, 3], but received float32 [3].'],
    ['size', { images, shift: single }, 'The input "shift" is float32 [3], but received float32 [1].'],
    [
      'type',
      { images, shift: int64([1, 2, 3]) },
      'The input "shift" is float32 [3], but received int64 [3].',
    ],
    [
      'elements',
      { images, shift: { dtype: 'float32', shape: [3], data: new Float32Array(2) } },
      'The input "shift" is float32 [3], but received float32 [3] with 2 elements.',
    ],
  ])('%s', async ([, feeds, message]) => {
    expect(await failure(session.run(feeds))).toMatchObject({
      code: 'RUNTIME_INPUT',
      where: 'toy',
      message,
      remedy: message.startsWith('Unknown')
        ? 'Feed the inputs of the model under their own names.'
        : 'Feed every input of the model with a tensor of its type and shape.',
    });
  });

  test('an unknown output', async () => {
    expect(await failure(session.run({ images, shift }, ['x']))).toMatchObject({
      code: 'RUNTIME_OUTPUT',
      message: 'Unknown output "x". Choose one of: y. Did you mean "y"?',
      remedy: 'Ask for outputs of the model by their own names.',
    });
  });
});

test('a scalar input', async () => {
  const session = await createSession(
    oneNode(
      'Add',
      [
        { name: 'a', dtype: 'float32', shape: [] },
        { name: 'b', dtype: 'float32', shape: [] },
      ],
      'float32',
    ),
    { name: 'scalars' },
  );
  expect((await session.run({ a: scalar(1), b: scalar(2) }))['y']).toEqual(scalar(3));
  await session.release();
});

test('a failure within a run says what failed, in one line', async () => {
  const session = await createSession(
    oneNode(
      'Add',
      [
        { name: 'a', dtype: 'float32', shape: ['A'] },
        { name: 'b', dtype: 'float32', shape: ['B'] },
      ],
      'float32',
    ),
    { name: 'toy' },
  );
  const a = tensor(new Float32Array(2), [2]);
  const b = tensor(new Float32Array(3), [3]);
  const error = (await failure(session.run({ a, b }))) as { code: string; message: string };
  expect(error).toMatchObject({
    code: 'RUNTIME_RUN',
    broken: true,
    remedy: 'Check that the shapes of the inputs suit each other and that memory suffices.',
  });
  expect(error.message).toMatch(/^ONNX Runtime failed: .*Add node/);
  expect(error.message).not.toContain('\n');
  await session.release();
});

describe('loading', () => {
  const broken = oneNode('NoSuchOperator', [{ name: 'x', dtype: 'float32', shape: [1] }], 'float32');
  const custom: Graph = {
    ...broken,
    nodes: broken.nodes.map((n) => ({ ...n, op: 'Foo', domain: 'no.such' })),
    opsets: new Map([
      ['', 18],
      ['no.such', 1],
    ]),
  };
  const brain = oneNode('Cast', [{ name: 'x', dtype: 'bfloat16', shape: [1] }], 'float32', float32);
  test.for<[string, Graph | Uint8Array | string, string]>([
    ['garbage', new Uint8Array([1, 2, 3]), 'This is not an ONNX model, or the file is cut short.'],
    ['no file', 'no-such-file.onnx', 'The file of the model does not exist.'],
    ['unknown operator', broken, 'ONNX Runtime has no operator NoSuchOperator.'],
    ['unknown domain', custom, 'ONNX Runtime has no operator no.such:Foo.'],
    [
      'bfloat16',
      brain,
      'An input or output has the element type bfloat16, which cannot be passed to ONNX Runtime from JavaScript.',
    ],
  ])('%s', async ([, model, message]) => {
    expect(await failure(createSession(model, { name: 'bad' }))).toMatchObject({
      code: 'RUNTIME_LOAD',
      where: 'bad',
      message,
    });
  });

  test('a graph that contradicts itself is refused in one line, without places in the runtime', async () => {
    const lost: Graph = { ...add, outputs: [{ name: 'z', dtype: 'float32', shape: [1] }] };
    expect(await failure(createSession(lost, { name: 'bad' }))).toMatchObject({
      code: 'RUNTIME_LOAD',
      message:
        'ONNX Runtime refuses the model: This is an invalid model. Graph output (z) does not exist in the graph.',
      remedy: 'Check that the operators and opset of the model are supported by ONNX Runtime.',
    });
  });
});

test('float16 is fed and given as bits, also to a model that only is bytes', async () => {
  const half = oneNode(
    'Add',
    [
      { name: 'a', dtype: 'float16', shape: ['N'] },
      { name: 'b', dtype: 'float16', shape: ['N'] },
    ],
    'float16',
  );
  // 1, -2, 65504, the smallest subnormal
  const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001);
  for (const model of [half, writeModel(half)]) {
    const session = await createSession(model, { name: 'half' });
    const a = tensor<'float16'>(bits, [4], 'float16');
    const b = tensor<'float16'>(new Uint16Array(4), [4], 'float16');
    expect((await session.run({ a, b }))['y']).toEqual(a);
    const doubled = (await session.run({ a, b: a }))['y'] as AnyTensor;
    expect(doubled.data).toEqual(Uint16Array.of(0x4000, 0xc400, 0x7c00, 0x0002));
    await session.release();
  }
});

test('results share memory with nothing', async () => {
  const x = { name: 'x', dtype: 'float32', shape: [3] } as const;
  const graph: Graph = {
    ...oneNode('Identity', [x], 'float32'),
    nodes: [
      { op: 'Identity', domain: '', name: '', inputs: ['x'], outputs: ['y'], attributes: {} },
      { op: 'Identity', domain: '', name: '', inputs: ['weights'], outputs: ['z'], attributes: {} },
    ],
    outputs: [
      { ...x, name: 'y' },
      { ...x, name: 'z' },
    ],
    initializers: new Map([['weights', shift]]),
  };
  const session = await createSession(graph, { name: 'identity' });
  const fed = tensor(Float32Array.of(1, 2, 3), [3]);
  const first = await session.run({ x: fed });
  (first['y'] as typeof fed).data.fill(-1);
  (first['z'] as typeof fed).data.fill(-1);
  const second = await session.run({ x: fed });
  expect(fed.data).toEqual(Float32Array.of(1, 2, 3));
  expect(second['y']?.data).toEqual(fed.data);
  expect(second['z']?.data).toEqual(shift.data);
  await session.release();
  expect(second['z']?.data).toEqual(shift.data);
});

test('a released session says so, releasing twice is harmless', async () => {
  const session = await createSession(add, { name: 'toy' });
  await session.release();
  await session.release();
  expect(await failure(session.run({ images, shift }))).toMatchObject({
    code: 'RUNTIME_RELEASED',
    where: 'toy',
    message: 'The session was released before this run.',
    remedy: 'Create a new session, or release this one after its last run.',
  });
});

test('release gives memory back', async () => {
  const weights = tensor(new Float32Array(2 << 20).fill(1), [2 << 20]);
  const big: Graph = {
    ...oneNode(
      'Mul',
      [
        { name: 'x', dtype: 'float32', shape: [1] },
        { name: 'weights', dtype: 'float32', shape: [2 << 20] },
      ],
      'float32',
    ),
    inputs: [{ name: 'x', dtype: 'float32', shape: [1] }],
    outputs: [{ name: 'y', dtype: 'float32', shape: [2 << 20] }],
    initializers: new Map([['weights', weights]]),
  };
  const bytes = writeModel(big);
  const round = async (): Promise<void> => {
    const session = await createSession(bytes, { name: 'big' });
    await session.run({ x: single });
    await session.release();
  };
  for (let i = 0; i < 5; i++) await round();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 30; i++) await round();
  // 30 sessions of 8 MB weights and 8 MB results: a leak of either would be 240 MB.
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(120);
});

test('the runtime neither reports home nor prints', () => {
  mkdirSync('.tmp', { recursive: true });
  const home = mkdtempSync(join('.tmp', 'home-'));
  const { ORT_DISABLE_TELEMETRY: _off, CI: _ci, XDG_CACHE_HOME: _cache, ...env } = process.env;
  const script = `
    import { createSession } from ${JSON.stringify(pathToFileURL('src/runtime/index.ts').href)};
    const session = await createSession(Buffer.from(${JSON.stringify(Buffer.from(writeModel(add)).toString('base64'))}, 'base64'), { name: 'toy' });
    const x = (data, shape) => ({ dtype: 'float32', data: Float32Array.from(data), shape });
    console.log((await session.run({ images: x([1, 2, 3], [1, 3]), shift: x([1, 1, 1], [3]) })).y.data.join());
    await session.release();`;
  const output = execFileSync(
    process.execPath,
    ['--conditions=advarena-source', '--input-type=module', '-e', script],
    { env: { ...env, HOME: home, TMPDIR: home }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  expect(output).toBe('2,3,4\n');
  expect(readdirSync(home, { recursive: true })).toEqual([]);
  rmSync(home, { recursive: true });
});
