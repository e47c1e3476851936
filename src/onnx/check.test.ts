import { expect, test } from 'vitest';
import type { AnyTensor } from '../tensor/index.ts';
import { GraphBuilder } from './builder.ts';
import { check } from './check.ts';
import type { Graph } from './graph.ts';

function model(weights: AnyTensor, op = 'Mul', opset = 18): Graph {
  const b = new GraphBuilder(undefined, { opset });
  const x = b.input('x', 'float32', ['N', 2]);
  b.output(b.op(op, [x, b.constant(weights, 'w')]), 'y');
  return b.finish();
}

const floats = (...values: number[]): AnyTensor => ({
  dtype: 'float32',
  shape: [values.length],
  data: Float32Array.from(values),
});

function error(graph: Graph): unknown {
  try {
    check(graph, { name: 'net.onnx' });
  } catch (e) {
    return JSON.parse(JSON.stringify(e));
  }
  return undefined;
}

test('a sound model passes, one with an unknown operator too', () => {
  expect(error(model(floats(1, 2)))).toBeUndefined();
  expect(error(model(floats(1, 2), 'Frobnicate'))).toBeUndefined();
});

test('NaN in a constant', () => {
  expect(error(model(floats(1, Number.NaN)))).toEqual({
    code: 'MODEL_NAN',
    message: 'The constant "w" holds NaN at element 1.',
    where: 'net.onnx, read by node Mul "Mul"',
    remedy: 'Export a checkpoint from before the training diverged.',
  });
  const half: AnyTensor = { dtype: 'float16', shape: [2], data: Uint16Array.from([0x3c00, 0x7e00]) };
  expect(error(model(half))).toMatchObject({ message: 'The constant "w" holds NaN at element 1.' });
});

test('infinity is refused where it is multiplied, allowed in a mask', () => {
  const mask = floats(0, Number.NEGATIVE_INFINITY);
  expect(error(model(mask))).toMatchObject({
    code: 'MODEL_NAN',
    message: 'The constant "w" holds infinity at element 1.',
  });
  expect(error(model(mask, 'Add'))).toBeUndefined();
});

test.for([6, 27])('opset %i', (opset) => {
  expect(error(model(floats(1), 'Mul', opset))).toEqual({
    code: 'MODEL_OPSET',
    message: `The model is written in opset ${opset}.`,
    where: 'net.onnx',
    remedy: 'Export it with an opset from 7 to 26; 17 is a good choice.',
  });
});

test('a tensor that nobody makes, within a branch too', () => {
  const graph = model(floats(1, 2));
  const missing = { ...graph, initializers: new Map() };
  expect(error(missing)).toEqual({
    code: 'MODEL_TENSOR',
    message: 'The tensor "w" is read, but no node makes it.',
    where: 'net.onnx, node Mul "Mul"',
    remedy: 'Export the model again: it is incomplete.',
  });
  expect(error({ ...graph, outputs: [{ name: 'z', dtype: 'float32', shape: [] }] })).toMatchObject({
    code: 'MODEL_TENSOR',
    where: 'net.onnx, output "z"',
  });
  const inner = { ...missing, inputs: [], outputs: [] };
  const nodes = [
    ...graph.nodes,
    {
      ...graph.nodes[0],
      op: 'If',
      inputs: ['x'],
      outputs: [],
      attributes: { then_branch: { type: 'graph', value: inner } },
    },
  ] as Graph['nodes'];
  expect(error({ ...graph, nodes })).toBeUndefined();
  expect(error({ ...missing, nodes: nodes.slice(2) })).toMatchObject({ code: 'MODEL_TENSOR' });
});

test('a node with too few inputs', () => {
  const graph = model(floats(1, 2));
  const nodes = graph.nodes.map((n) => ({ ...n, inputs: n.inputs.slice(0, 1) }));
  expect(error({ ...graph, nodes })).toEqual({
    code: 'MODEL_INPUTS',
    message: 'Mul has 1 inputs where it takes 2.',
    where: 'net.onnx, node Mul "Mul"',
    remedy: 'Export the model again, or check the operator against its definition.',
  });
});

test('an operator of another domain with too few inputs', () => {
  const graph = model(floats(1, 2));
  const nodes = graph.nodes.map((n) => ({
    ...n,
    domain: 'com.microsoft',
    op: 'FusedMatMul',
    inputs: n.inputs.slice(0, 1),
  }));
  expect(error({ ...graph, nodes })).toMatchObject({
    code: 'MODEL_INPUTS',
    message: expect.stringContaining('has 1 inputs where it takes 2.'),
  });
});
