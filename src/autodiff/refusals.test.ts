import { expect, test } from 'vitest';
import { built } from '../../test/built.ts';
import { told } from '../../test/told.ts';
import { type Graph, GraphBuilder } from '../onnx/index.ts';
import { scalar } from '../tensor/index.ts';
import { defineRule, gradient } from './index.ts';

/** What has no gradient, and what is told of it. */

const refused = (graphs: Readonly<Record<string, Graph>>): Promise<string> =>
  told(
    Object.fromEntries(
      Object.entries(graphs).map(([what, graph]) => [
        what,
        () => gradient(graph, { of: 'y', wrt: [graph.inputs[0]?.name as string] }),
      ]),
    ),
  );

test('operators in forms that no rule covers', async () => {
  const yes = (b: GraphBuilder): string => b.constant(scalar(1, 'bool'));
  const quantised = new GraphBuilder(undefined, { opset: 21 });
  const s = quantised.input('s', 'float32', [2]);
  const q = quantised.input('q', 'int8', [4]);
  const blocks = { axis: 0, block_size: 2 };
  quantised.output(
    quantised.op('DequantizeLinear', [q, s, quantised.constant(scalar(0, 'int8'))], blocks),
    'y',
  );
  expect(
    await refused({
      'a fused activation': built(
        (b, x) => {
          const w = b.floats(Array.from({ length: 4 }, () => 1));
          const kernel = b.op('Reshape', [w, b.ints([1, 1, 2, 2])]);
          const domain = { domain: 'com.microsoft' };
          return b.node('FusedConv', [x, kernel], { activation: 'Softplus' }, domain)[0] as string;
        },
        ['N', 1, 4, 4],
      ),
      'a one-sided inverse': built(
        (b, x) => b.op('DFT', [x], { axis: 1, onesided: 1, inverse: 1 }),
        ['N', 5, 2],
      ),
      'a mask that is thrown away': built((b, x) => b.op('Dropout', [x, b.scalar(0.5), yes(b)])),
      'one spatial axis': built(
        (b, x) => b.op('GridSample', [x, b.input('grid', 'float32', ['N', 3, 1])]),
        ['N', 1, 4],
      ),
      'samples by the size of regions': built(
        (b, x) =>
          b.op('RoiAlign', [x, b.input('regions', 'float32', ['R', 4]), b.input('images', 'int64', ['R'])]),
        [1, 2, 4, 4],
      ),
      'scales of blocks': quantised.finish(),
      'the scale alone': built(
        (b, x) => b.node('DynamicQuantizeLinear', [x], {}, { outputs: 3 })[1] as string,
      ),
      'four bits': built((b, x) => {
        const zero = b.constant(scalar(0, 'int32'));
        return b.op('DequantizeLinear', [b.op('QuantizeLinear', [x, b.scalar(1), zero]), b.scalar(1), zero]);
      }),
      'a type that nothing tells': built((b, x) => {
        const zero = b.op('Frobnicate', []);
        return b.op('DequantizeLinear', [b.op('QuantizeLinear', [x, b.scalar(1), zero]), b.scalar(1), zero]);
      }),
      'whole numbers on the way': built((b, x) => {
        const [scale, zero] = [b.scalar(1), b.constant(scalar(0, 'int8'))];
        const relu = b.op('Relu', [b.op('QuantizeLinear', [x, scale, zero])]);
        return b.op('DequantizeLinear', [relu, scale, zero]);
      }),
      'a loop that passes on too little': built((b, x) => {
        const body = new GraphBuilder();
        body.input('pass', 'int64', []);
        const going = body.input('going', 'bool', []);
        for (const name of ['state', 'further']) body.input(name, 'float32', ['N', 4]);
        body.output(body.op('Identity', [going]), 'still');
        body.output(body.op('Identity', ['state']), 'next');
        const count = b.constant(scalar(2, 'int64'));
        return b.op('Loop', [count, undefined, x], { body: { type: 'graph', value: body.finish() } });
      }),
    }),
  ).toMatchInlineSnapshot(`
    "a fused activation: NO_GRADIENT node com.microsoft.FusedConv "FusedConv": No gradient rule for the fused activation Softplus. | Pass a rule for com.microsoft.FusedConv in overrides.
    a one-sided inverse: NO_GRADIENT node DFT "DFT": The inverse of a one-sided DFT has no gradient rule. | Pass a rule for DFT in overrides.
    a mask that is thrown away: NO_GRADIENT node Dropout "Dropout": Dropout in training mode has a gradient only with its mask output. | Export the model in evaluation mode.
    one spatial axis: NO_GRADIENT node GridSample "GridSample": GridSample has a gradient for two and three spatial axes only. | Pass a rule for it in overrides.
    samples by the size of regions: NO_GRADIENT node RoiAlign "RoiAlign": RoiAlign has a gradient for averages of a fixed sampling_ratio only. | Export the model with mode avg and a sampling_ratio of 1 or more, or pass a rule for it in overrides.
    scales of blocks: NO_GRADIENT node DequantizeLinear "DequantizeLinear": DequantizeLinear has no gradient for the scales of blocks. | Pass a rule for DequantizeLinear in overrides.
    the scale alone: NO_GRADIENT node DynamicQuantizeLinear "DynamicQuantizeLinear": The scale of DynamicQuantizeLinear alone has no gradient. | Pass a rule for DynamicQuantizeLinear in overrides.
    four bits: NO_GRADIENT node QuantizeLinear "QuantizeLinear": No gradient for a QuantizeLinear into int32. | Quantise to 8 or 16 bits, or pass a rule for it in overrides.
    a type that nothing tells: NO_GRADIENT tensor "Frobnicate": The gradient here needs the rank of this tensor, and the graph does not tell it. | Run shape inference on the model before, or export it with a fixed image size.
    whole numbers on the way: NO_GRADIENT node Relu "Relu": No gradient rule for Relu between quantised tensors. | Export the model with QuantizeLinear and DequantizeLinear around every operator that computes.
    a loop that passes on too little: MODEL_INPUTS node Loop "Loop": The body of Loop has 4 inputs where 3 are passed. | Export the model again."
  `);
});

test('sizes and ranks that are not known', async () => {
  const unranked = new GraphBuilder();
  unranked.output(
    unranked.op('Gather', [unranked.input('x', 'float32', undefined), unranked.ints([0])]),
    'y',
  );
  expect(
    await refused({
      'an image of any size': built(
        (b, x) => b.op('MaxPool', [x], { kernel_shape: [2, 2] }),
        ['N', 1, 'H', 'W'],
      ),
      'no rank': unranked.finish(),
      'indices of any depth': built(
        (b, x) => b.op('GatherND', [x, b.input('at', 'int64', ['K', 'D'])]),
        [3, 4],
      ),
    }),
  ).toMatchInlineSnapshot(`
    "an image of any size: NO_GRADIENT node MaxPool "MaxPool": The gradient of MaxPool needs all sizes of "x" but the batch. | Fix the image size in the model: only its first axis may be free.
    no rank: NO_GRADIENT tensor "x": The gradient here needs the rank of this tensor, and the graph does not tell it. | Run shape inference on the model before, or export it with a fixed image size.
    indices of any depth: NO_GRADIENT tensor "at": The gradient here needs the last size of this tensor, and the graph does not tell it. | Run shape inference on the model before, or export it with a fixed image size."
  `);
});

test('tensors that are not there, and rules of the caller that do not fit', async () => {
  const graph = built((b, x) => b.op('ReduceSum', [x, b.ints([0])], {}, 'total'), [3, 2]);
  const by =
    (backward: Parameters<typeof defineRule>[0]['backward'], more = {}) =>
    () =>
      gradient(graph, {
        of: 'y',
        wrt: ['x'],
        overrides: { ReduceSum: defineRule({ op: 'ReduceSum', backward, ...more }) },
      });
  expect(
    await told({
      'no such tensor': () => gradient(graph, { of: 'scores', wrt: ['x'] }),
      'a gradient of another shape': by(({ b }) => [b.floats([1, 2, 3])]),
      'a rule that breaks': by(() => {
        throw new Error('the axes lie outside');
      }),
      'a rule of another input': by(({ dy }) => [dy[0]], { inputs: ['', 'axes'] }),
      'a rule of another output': by(({ dy }) => [dy[0]], { outputs: [1] }),
    }),
  ).toMatchInlineSnapshot(`
    "no such tensor: GRAPH_NAME graph "graph": The graph has no tensor "scores". | Its inputs are x; its outputs y.
    a gradient of another shape: NO_GRADIENT node ReduceSum "total": The gradient of ReduceSum does not fit its input: it has the shape [3] where "x" has [3, 2]. | Pass a rule for ReduceSum in overrides, whose gradient has the shape of the input or broadcasts with it.
    a rule that breaks: NO_GRADIENT node ReduceSum "total": The gradient of ReduceSum cannot be written: the axes lie outside. | Check the model with its exporter: what this node is given may contradict itself.
    a rule of another input: NO_GRADIENT node ReduceSum "total": The rule for ReduceSum gives no gradient by its input 0, "x". | Pass a rule for ReduceSum in overrides that does, or make that tensor a constant of the model.
    a rule of another output: NO_GRADIENT node ReduceSum "total": The rule for ReduceSum gives no gradient through its output 0, "total". | Pass a rule for ReduceSum in overrides that does, or make that tensor a constant of the model."
  `);
});
