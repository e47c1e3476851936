import { expect, test } from 'vitest';
import { channelMeans, identity } from '../../test/small-models.ts';
import { type Dim, type Graph, GraphBuilder, type Node } from '../onnx/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { inferSidecar } from './infer-sidecar.ts';
import type { SidecarEntries } from './sidecar.ts';

/** A graph of one input and one output of shapes that are declared alone. */
function shaped(input: readonly Dim[] | undefined, output: readonly Dim[] = ['N', 10]): Graph {
  const node: Node = { op: 'Unknown', domain: '', name: 'n', inputs: ['x'], outputs: ['y'], attributes: {} };
  return {
    ...new GraphBuilder().finish(),
    nodes: [node],
    inputs: [{ name: 'x', dtype: 'float32', shape: input }],
    outputs: [{ name: 'y', dtype: 'float32', shape: output }],
  };
}

function said(graph: Graph, given: SidecarEntries = {}, sidecar?: string): string {
  try {
    return `taken: ${JSON.stringify(inferSidecar(graph, 'm.onnx', { given, sidecar }))}`;
  } catch (error) {
    const { code, where, message, remedy } = error as AdvarenaError;
    return `${code} ${where}: ${message}\n  ${remedy}`;
  }
}

test('without a sidecar all that the graph tells is taken', () => {
  expect(inferSidecar(channelMeans(identity), 'm.onnx')).toEqual({
    input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: 'RGB' },
    preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] },
    output: { name: 'y', kind: 'logits', classes: 3 },
  });
  expect(inferSidecar(channelMeans(identity, { softmax: true }), 'm.onnx').output.kind).toBe('probabilities');
  expect(inferSidecar(shaped(['N', 5, 6, 1]), 'm.onnx').input).toEqual({
    name: 'x',
    layout: 'NHWC',
    height: 5,
    width: 6,
    channels: 'GRAY',
  });
});

test('what is given goes before what the graph tells, and all else stays', () => {
  const given: SidecarEntries = {
    input: { channels: 'BGR' },
    preprocessing: { mean: [0.1, 0.2, 0.3] },
    output: { kind: 'probabilities' },
    labels: { offset: 1, names: ['a', 'b', 'c'] },
  };
  expect(inferSidecar(channelMeans(identity), 'm.onnx', { given })).toEqual({
    input: { name: 'x', layout: 'NCHW', height: 4, width: 4, channels: 'BGR' },
    preprocessing: { mean: [0.1, 0.2, 0.3], std: [1, 1, 1] },
    output: { name: 'y', kind: 'probabilities', classes: 3 },
    labels: { offset: 1, names: ['a', 'b', 'c'] },
  });
  // By its channels the last axis is meant, though the first could be grey.
  expect(
    inferSidecar(shaped(['N', 1, 7, 3]), 'm.onnx', { given: { input: { channels: 'RGB' } } }).input,
  ).toMatchObject({
    layout: 'NHWC',
    height: 1,
    width: 7,
  });
  // Nothing is declared, and all is given.
  const whole = { input: { height: 4, width: 4, channels: 'GRAY' as const }, output: { classes: 10 } };
  expect(inferSidecar(shaped(undefined, ['N', 'K']), 'm.onnx', { given: whole })).toMatchObject({
    input: { name: 'x', layout: 'NCHW' },
    output: { name: 'y', kind: 'logits' },
  });
});

test('what nothing tells is asked for by its name, with an example', () => {
  const two = new GraphBuilder(channelMeans(identity));
  two.output('x', 'again');
  const inputs = { ...shaped(['N', 3, 4, 4]) };
  const pair = {
    ...inputs,
    inputs: [...inputs.inputs, { name: 'rate', dtype: 'float32' as const, shape: [] }],
  };
  const errors = [
    said(shaped(['N', 3, 'H', 'W'])),
    said(shaped(['N', 3, 'H', 'W']), { input: { height: 8 } }, 'm.json'),
    said(shaped(['N', 'C', 'H', 'W'], ['N', 'K'])),
    said(shaped(undefined)),
    said(two.finish()),
    said(pair),
    said(shaped(['N', 3, 4, 4]), { input: { name: 'X1' }, output: { name: 'z' } }, 'm.json'),
    said(shaped(['N', 3, 4, 4]), { output: { name: 'z' } }, 'm.json'),
    said(shaped(['N', 3, 4, 4]), { labels: { offset: 0, names: ['a', 'b'] } }, 'm.json'),
    said(shaped(['N', 1, 4, 4]), { preprocessing: { mean: [0.5, 0.5, 0.5] } }, 'm.json'),
  ];
  expect(errors.join('\n')).toMatchInlineSnapshot(`
    "SIDECAR_NEEDED m.onnx: The size of the images cannot be known from the graph alone.
      Write m.json beside it, with the model's own in the place of these examples: { "input": { "height": 224, "width": 224 } }. advarena sidecar writes what is known (docs/formats.md).
    SIDECAR_NEEDED m.onnx: The size of the images cannot be known from the graph alone.
      Add to m.json, with the model's own in the place of these examples: { "input": { "width": 224 } }. advarena sidecar writes what is known (docs/formats.md).
    SIDECAR_NEEDED m.onnx: The layout of the input "x", the number of channels, the size of the images and the number of classes cannot be known from the graph alone.
      Write m.json beside it, with the model's own in the place of these examples: { "input": { "layout": "NCHW", "channels": "RGB", "height": 224, "width": 224 }, "output": { "classes": 1000 } }. advarena sidecar writes what is known (docs/formats.md).
    SIDECAR_NEEDED m.onnx: The layout of the input "x", the number of channels and the size of the images cannot be known from the graph alone.
      Write m.json beside it, with the model's own in the place of these examples: { "input": { "layout": "NCHW", "channels": "RGB", "height": 224, "width": 224 } }. advarena sidecar writes what is known (docs/formats.md).
    SIDECAR_NEEDED m.onnx: Which output holds the classes, of y, again, cannot be known from the graph alone.
      Write m.json beside it, with the model's own in the place of these examples: { "output": { "name": "y" } }. advarena sidecar writes what is known (docs/formats.md).
    taken: {"input":{"name":"x","layout":"NCHW","height":4,"width":4,"channels":"RGB"},"preprocessing":{"mean":[0,0,0],"std":[1,1,1]},"output":{"name":"y","kind":"logits","classes":10}}
    MODEL_INPUT m.json: The graph has no input "X1". Did you mean "x"?
      Its inputs are x: correct input.name in the sidecar.
    MODEL_OUTPUT m.json: The graph has no output "z". Did you mean "y"?
      Its outputs are y: correct output.name in the sidecar.
    SIDECAR m.json: labels.names has 2 names for 10 classes.
      Name every output of the network, in their order.
    SIDECAR m.json: preprocessing.mean has 3 entries for 1 channel.
      Give one number per channel, in the order of input.channels."
  `);
});

test('a name that is like none of the graph’s is told without a guess', () => {
  expect(said(shaped(['N', 3, 8, 8]), { input: { name: 'photograph' } }, 'm.json')).toBe(
    'MODEL_INPUT m.json: The graph has no input "photograph".\n  Its inputs are x: correct input.name in the sidecar.',
  );
});
