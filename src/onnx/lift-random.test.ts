import { describe, expect, test } from 'vitest';
import { type Build, built, dropout, full, yes } from '../../test/built.ts';
import { createSession } from '../runtime/index.ts';
import { numbers, randomOf, scalar } from '../tensor/index.ts';
import { float } from './attribute-input.ts';
import type { Graph, GraphFunction, Shape } from './graph.ts';
import { fillDraw, type Lifted, type LiftedDraw, liftRandom } from './lift-random.ts';

const draw = (name: string, kind: LiftedDraw['kind'], shape: readonly number[] = [4]): LiftedDraw => ({
  name,
  shape,
  kind,
});

describe('the graph', () => {
  const noise: Build = (b, x) => b.op('Add', [x, b.op('RandomNormalLike', [x], { scale: float(0.5) }, 'rn')]);

  test('without random nodes is the one given', () => {
    const graph = built((b, x) => b.op('Relu', [x]));
    expect(liftRandom(graph, 'N').graph).toBe(graph);
  });

  test('loses what led to the shape of a draw alone, and random nodes that lead nowhere', () => {
    const { graph, draws } = liftRandom(
      built((b, x) => {
        b.op('RandomNormalLike', [x]);
        return b.op('RandomUniformLike', [b.op('Exp', [x])]);
      }),
      'N',
    );
    expect([draws.length, graph.nodes.map((n) => n.op)]).toEqual([1, ['Identity', 'Identity']]);
  });

  test('keeps names and types of its tensors; those of inputs are new', () => {
    const { graph, draws } = liftRandom(
      built((b, x) => {
        b.unique('rn_normal');
        const taken = b.op('Neg', [x], {}, 'taken');
        return noise(b, b.node('Identity', [taken], {}, { outputs: ['other'] })[0] as string);
      }),
      'N',
    );
    const before = built((b, x) => noise(b, b.op('Neg', [x], {}, 'rn_normal')));
    expect(draws.map((d) => d.name)).toEqual(['rn_normal']);
    expect(liftRandom(before, 'N').draws.map((d) => d.name)).toEqual(['rn_normal_1']);
    expect(graph.values.get('rn')).toEqual({ dtype: 'float32', shape: ['N', 4] });
    expect(graph.inputs).toEqual([
      { name: 'x', dtype: 'float32', shape: ['N', 4] },
      { name: 'rn_normal', dtype: 'float32', shape: ['N', 4] },
    ]);
  });

  test('has one draw per node, in their order, also for nodes of one seed', () => {
    const twice: Build = (b, x) => {
      const first = b.op('RandomNormalLike', [x], { seed: float(1) }, 'first');
      return b.op('Sub', [b.op('RandomNormalLike', [first], { seed: float(1) }, 'second'), first]);
    };
    expect(liftRandom(built(twice), 'N').draws.map((d) => d.name)).toEqual(['first_normal', 'second_normal']);
  });

  test.for([
    ['a batch that is not the first axis', (b, x) => b.op('Transpose', [x]), [4, 1], 6, [4, 'N']],
    [
      'a batch merged with another axis',
      (b, x) => b.op('Reshape', [x, b.ints([-1, 2])]),
      [2, 2],
      6,
      ['2*N', 2],
    ],
    ['a batch on two axes', (b, x) => b.op('MatMul', [x, b.op('Transpose', [x])]), [1, 1], 12, ['N', 'N']],
    ['weights', (b) => b.constant(full(1, [3])), [3], 6, [3]],
  ] as [string, Build, number[], number, Shape][])(
    'runs rows one at a time for %s',
    async ([, build, shape, expected, before]) => {
      const lifted = liftRandom(
        built((b, x) =>
          b.op('Add', [
            b.op('ReduceSum', [x, b.ints([1])]),
            b.op('ReduceMean', [dropout(0.5)(b, build(b, x))]),
          ]),
        ),
        'N',
      );
      expect([lifted.perRow, lifted.draws]).toEqual([false, [draw('Dropout_uniform', 'uniform', shape)]]);
      const u = full(0.75, shape);
      const session = await createSession(lifted.graph, { name: 'alone' });
      const { y } = await session.run({ x: full(1, [1, 4]), Dropout_uniform: u });
      await session.release();
      expect(numbers(y ?? scalar(0))).toEqual([expected]);
      // Shapes behind the draw still know the batch.
      expect(lifted.graph.values.get('Dropout')?.shape).toEqual(before);
    },
  );

  test('runs rows one at a time as soon as one draw has no batch axis', () => {
    const shared: Build = (b, x) => noise(b, b.op('Add', [x, b.op('RandomNormal', [], { shape: [1, 4] })]));
    const { graph, draws, perRow } = liftRandom(built(shared), 'N');
    expect([perRow, draws]).toEqual([
      false,
      [draw('RandomNormal_normal', 'normal', [1, 4]), draw('rn_normal', 'normal')],
    ]);
    expect(graph.inputs.map((i) => i.shape)).toEqual([
      ['N', 4],
      [1, 4],
      ['N', 4],
    ]);
  });

  test('is lifted out of functions and branches that are taken', () => {
    const noisy: GraphFunction = {
      domain: 'local',
      name: 'Noisy',
      inputs: ['x'],
      outputs: ['y'],
      attributes: [],
      defaults: {},
      nodes: built(noise).nodes,
      opsets: new Map([['', 18]]),
    };
    const graph = built((b, x) => b.node('Noisy', [x], {}, { domain: 'local' })[0] as string);
    const lifted = liftRandom({ ...graph, functions: [noisy] }, 'N');
    expect(lifted.draws).toEqual([draw('rn_normal', 'normal')]);
    expect(lifted.graph.functions).toEqual([]);
  });
});

describe('what is refused, naming the node', () => {
  const refused = (build: Build, shape?: Shape): (() => Lifted) => {
    const graph = built(build, shape);
    return () => liftRandom(graph, 'N');
  };

  test('sizes that are not known', () => {
    expect(refused((b, x) => b.op('RandomNormalLike', [x], {}, 'rn'), ['N', 3, 'H', 4])).toThrow(
      expect.objectContaining({
        code: 'RANDOM_NODE',
        message: 'RandomNormalLike draws random numbers of a shape that is not known: [N, 3, H, 4].',
        where: 'node RandomNormalLike "rn"',
        remedy: 'Export the model with fixed sizes for all axes but the batch, or in evaluation mode.',
      }),
    );
  });

  test('a mode or a ratio that is no constant, a ratio that is none', () => {
    const computed: Build = (b, x) => b.op('Dropout', [x, b.scalar(0.5), b.op('Not', [yes(b)])], {}, 'd');
    const given: Build = (b, x) => b.op('Dropout', [x, b.input('ratio', 'float32', []), yes(b)], {}, 'd');
    for (const build of [computed, given])
      expect(refused(build)).toThrow(
        expect.objectContaining({
          code: 'RANDOM_NODE',
          message:
            'Whether Dropout draws random numbers is not known: its training_mode or its ratio is no constant.',
          where: 'node Dropout "d"',
          remedy: 'Export the model in evaluation mode, or with constants for both.',
        }),
      );
    expect(refused(dropout(1))).toThrow(
      expect.objectContaining({
        code: 'RANDOM_NODE',
        message: 'The ratio 1 of Dropout is outside [0, 1).',
        remedy: 'Export the model with another ratio, or in evaluation mode.',
      }),
    );
  });

  test('the bodies of loops and of branches that are not decided', () => {
    const body = built((b, x) => b.op('RandomNormalLike', [x], {}, 'rn'));
    const branch: Graph = { ...body, inputs: [] };
    const build: Build = (b, x) => {
      const which = b.op('Greater', [b.op('ReduceSum', [x], { keepdims: 0 }), b.scalar(0)]);
      const attribute = { type: 'graph', value: branch } as const;
      return b.op('If', [which], { then_branch: attribute, else_branch: attribute }, 'chosen');
    };
    expect(refused(build)).toThrow(
      expect.objectContaining({
        code: 'RANDOM_NODE',
        message:
          'RandomNormalLike draws random numbers in the body of If "chosen", where they cannot become an input.',
        where: 'node RandomNormalLike "rn"',
        remedy: 'Export the model in evaluation mode, or without control flow around the node.',
      }),
    );
  });
});

describe('the numbers of a draw', () => {
  test('follow from the stream alone, and are those of its kind', () => {
    const filled = (kind: LiftedDraw['kind']): Float32Array => {
      const out = new Float32Array(6);
      fillDraw({ name: 'd', shape: [2, 3], kind }, out, randomOf(3, 'test').stream('a', 'd'));
      return out;
    };
    const [normal, uniform] = [new Float32Array(6), new Float32Array(6)];
    randomOf(3, 'test').stream('a', 'd').fillNormal(normal, 0, 1);
    randomOf(3, 'test').stream('a', 'd').fillUniform(uniform, 0, 1);
    expect([filled('normal'), filled('uniform')]).toEqual([normal, uniform]);
  });

  test('fill one row, no more and no less', () => {
    expect(() =>
      fillDraw(draw('d', 'normal', [2, 3]), new Float32Array(7), randomOf(1, 'test').stream('a', 'd')),
    ).toThrow(new RangeError('7 elements do not fill the shape [2, 3]'));
  });
});
