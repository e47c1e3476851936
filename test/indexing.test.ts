import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradient } from '../src/autodiff/index.ts';
import type { Graph } from '../src/onnx/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import { createSession } from '../src/runtime/index.ts';
import type { AnyTensor, Tensor } from '../src/tensor/index.ts';
import { int64, numbers, sizeOf, tensor } from '../src/tensor/index.ts';

// Shapes inferred here against those of the runtime, and gradients of linear operators against their definition:
// ⟨f(x), c⟩ = ⟨x, gradient(c)⟩ for every x and c.

const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

/** Bounds beyond the axis and the extremes that exporters write. */
const bound = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -7, max: 7 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(2 ** 31 - 1, -(2 ** 31), Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
  },
);

const slices = sizes.chain((shape) =>
  fc.record({
    shape: fc.constant(shape),
    cuts: fc
      .subarray(
        shape.map((_, i) => i),
        { minLength: 1 },
      )
      .chain((axes) =>
        fc.tuple(
          ...axes.map((axis) =>
            fc.record({
              axis: fc.constantFrom(axis, axis - shape.length),
              start: bound,
              end: bound,
              step: fc.constantFrom(1, 1, 2, 3, -1, -2),
            }),
          ),
        ),
      ),
  }),
);

const reshapes = sizes.chain((shape) => {
  const total = sizeOf(shape);
  const divisors = Array.from({ length: total }, (_, i) => i + 1).filter((d) => total % d === 0);
  return fc.record({
    shape: fc.constant(shape),
    target: fc
      .tuple(fc.constantFrom(...divisors), fc.constantFrom('copy', 'open', 'written'))
      .map(([d, how]) => {
        if (how === 'copy') return [0, -1];
        return how === 'open' ? [d, -1] : [d, total / d];
      }),
  });
});

const gathers = fc.tuple(sizes, fc.nat({ max: 3 })).chain(([shape, at]) => {
  const axis = at % shape.length;
  const size = shape[axis] as number;
  return fc.record({
    shape: fc.constant(shape),
    axis: fc.constant(axis),
    indices: fc.array(fc.integer({ min: -size, max: size - 1 }), { minLength: 1, maxLength: 6 }),
  });
});

const pointGathers = sizes.chain((shape) =>
  fc.integer({ min: 1, max: shape.length }).chain((depth) =>
    fc.record({
      shape: fc.constant(shape),
      points: fc.array(fc.tuple(...shape.slice(0, depth).map((d) => fc.integer({ min: -d, max: d - 1 }))), {
        minLength: 1,
        maxLength: 6,
      }),
    }),
  ),
);

function ramp(shape: readonly number[], factor: number): Tensor {
  const data = new Float32Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) data[i] = Math.sin(factor * (i + 1));
  return tensor(data, shape);
}

async function run(graph: Graph, inputs: Record<string, AnyTensor>): Promise<AnyTensor[]> {
  const session = await createSession(graph, { name: 'property' });
  const out = await session.run(inputs);
  await session.release();
  return graph.outputs.map((o) => out[o.name] as AnyTensor);
}

const dot = (a: AnyTensor, b: AnyTensor): number => {
  const other = numbers(b);
  return numbers(a).reduce((sum, v, i) => sum + v * (other[i] as number), 0);
};

/** The graph of one operator on `x`, whose first axis is the symbol N where `free`. */
function single(
  shape: readonly number[],
  free: boolean,
  build: (b: GraphBuilder, x: string) => string,
): Graph {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', free ? ['N', ...shape.slice(1)] : shape);
  b.output(build(b, x), 'y');
  return b.finish();
}

async function agrees(
  shape: readonly number[],
  build: (b: GraphBuilder, x: string) => string,
): Promise<void> {
  const graph = single(shape, false, build);
  const x = ramp(shape, 1);
  const [y] = (await run(graph, { x })) as [AnyTensor];
  expect(graph.outputs[0]?.shape).toEqual(y.shape);
  const c = ramp(y.shape, 2);
  for (const free of [false, true]) {
    const g = gradient(single(shape, free, build), { of: 'y', wrt: ['x'], cotangent: 'input', keep: [] });
    const feeds = Object.fromEntries(g.inputs.map(({ name }) => [name, name === 'x' ? x : c]));
    const [dx] = (await run(g, feeds)) as [AnyTensor];
    expect(dx.shape).toEqual(shape);
    expect(dot(x, dx)).toBeCloseTo(dot(y, c), 4);
  }
}

describe('shapes and gradients of random cases, as the runtime has it', () => {
  test('Slice', async () => {
    await fc.assert(
      fc.asyncProperty(slices, ({ shape, cuts }) =>
        agrees(shape, (b, x) =>
          b.op('Slice', [
            x,
            b.ints(cuts.map((cut) => cut.start)),
            b.ints(cuts.map((cut) => cut.end)),
            b.ints(cuts.map((cut) => cut.axis)),
            b.ints(cuts.map((cut) => cut.step)),
          ]),
        ),
      ),
      { numRuns: 60, seed: 1 },
    );
  });

  test('Reshape', async () => {
    await fc.assert(
      fc.asyncProperty(reshapes, ({ shape, target }) =>
        agrees(shape, (b, x) => b.op('Reshape', [x, b.ints(target)])),
      ),
      { numRuns: 30, seed: 1 },
    );
  });

  test('Gather', async () => {
    await fc.assert(
      fc.asyncProperty(gathers, ({ shape, axis, indices }) =>
        agrees(shape, (b, x) => b.op('Gather', [x, b.ints(indices)], { axis })),
      ),
      { numRuns: 40, seed: 1 },
    );
  });

  test('GatherND', async () => {
    await fc.assert(
      fc.asyncProperty(pointGathers, ({ shape, points }) =>
        agrees(shape, (b, x) => {
          const size = [points.length, points[0]?.length ?? 0];
          return b.op('GatherND', [x, b.constant(int64(points.flat(), size))]);
        }),
      ),
      { numRuns: 40, seed: 1 },
    );
  });
});
