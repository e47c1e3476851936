import { expect, test } from 'vitest';
import { told } from '../../test/told.ts';
import { tensor } from '../tensor/index.ts';
import { float } from './attribute-input.ts';
import { GraphBuilder } from './builder.ts';
import type { Graph } from './graph.ts';
import { upgrade } from './upgrade.ts';

function graph(opset: number, build: (b: GraphBuilder, x: string) => string): Graph {
  const b = new GraphBuilder(undefined, { opset });
  b.output(build(b, b.input('x', 'float32', ['N', 4, 6])), 'y');
  return b.finish();
}

/** Operators that a Softmax over `axis` of a graph of opset 11 becomes. */
function softmax(axis: number): string[] {
  return upgrade(graph(11, (b, x) => b.op('Softmax', [x], { axis }))).nodes.map((n) => n.op);
}

/** A branch that reads the enclosing graph's x. */
function branch(name: string) {
  const b = new GraphBuilder(undefined, { opset: 11, name });
  b.append({
    op: 'Squeeze',
    domain: '',
    name: '',
    inputs: ['x'],
    outputs: [name],
    attributes: { axes: { type: 'ints', value: [1] } },
  });
  b.setOutputs([name]);
  return { type: 'graph', value: b.finish() } as const;
}

test('a graph as new as the target is returned as it is', () => {
  const g = graph(20, (b, x) => b.op('Neg', [x]));
  expect(upgrade(g)).toBe(g);
});

test('an attribute becomes an input; names of tensors stay', () => {
  const g = graph(9, (b, x) => b.op('ReduceMax', [x], { axes: [1], keepdims: 0 }, 'largest'));
  const up = upgrade(g);
  const node = up.nodes[0];
  expect(up.opsets.get('')).toBe(18);
  expect(node).toMatchObject({ op: 'ReduceMax', inputs: ['x', 'largest_axes'], outputs: ['largest'] });
  expect(node?.attributes).toEqual({ keepdims: { type: 'int', value: 0 } });
  expect(up.initializers.get('largest_axes')?.data).toEqual(BigInt64Array.of(1n));
  expect(up.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['N', 6] }]);
  expect(g.nodes[0]?.inputs).toEqual(['x']);
});

test('a new name is none that the graph already has', () => {
  const g = graph(9, (b, x) => {
    const limited = b.op('Clip', [x], { min: float(0) }, 'c');
    return b.op('Neg', [limited], {}, 'c_min');
  });
  expect(upgrade(g).nodes[0]?.inputs).toEqual(['x', 'c_min_1']);
});

test('Softmax of one axis keeps its form, of several becomes a matrix and back', () => {
  expect(softmax(2)).toEqual(['Softmax', 'Identity']);
  expect(softmax(1)).toEqual(['Flatten', 'Softmax', 'Reshape', 'Identity']);
});

test('a batch normalization whose statistics are outputs is in training mode', () => {
  const normal = (outputs: string[]) => {
    const b = new GraphBuilder(undefined, { opset: 13 });
    const x = b.input('x', 'float32', ['N', 2, 4, 4]);
    const ones = b.constant(tensor(Float32Array.of(1, 1), [2]));
    const [y] = b.node('BatchNormalization', [x, ones, ones, ones, ones], { momentum: 0.8 }, { outputs });
    b.output(y as string);
    return upgrade(b.finish(), 17).nodes[0];
  };
  expect(normal(['y'])?.outputs).toEqual(['y']);
  expect(normal(['y'])?.attributes['training_mode']).toBeUndefined();
  const training = normal(['y', 'mean', 'var', 'saved_mean', 'saved_var']);
  expect(training).toMatchObject({
    outputs: ['y', 'mean', 'var'],
    attributes: { training_mode: { type: 'int', value: 1 } },
  });
});

test('branches are upgraded with their graph', () => {
  const b = new GraphBuilder(undefined, { opset: 11 });
  const x = b.input('x', 'float32', [2, 1]);
  const condition = b.input('condition', 'bool', []);
  b.output(b.op('If', [condition], { then_branch: branch('yes'), else_branch: branch('no') }));
  expect(x).toBe('x');
  const up = upgrade(b.finish());
  const yes = up.nodes[0]?.attributes['then_branch'];
  expect(yes?.type === 'graph' && yes.value.nodes[0]?.inputs).toEqual(['x', 'yes_axes']);
});

test('what has no newer form is refused by name', async () => {
  const old = graph(6, (b, x) => b.op('Neg', [x]));
  const b = new GraphBuilder(graph(8, (c, x) => c.op('Neg', [x])));
  b.setOutputs([b.op('BatchNormalization', ['y', 's', 's', 's', 's'], { spatial: 0 }, 'bn')]);
  expect(
    await told({ 'opset 6': () => upgrade(old), 'no newer form': () => upgrade(b.finish()) }),
  ).toMatchInlineSnapshot(`
    "opset 6: ONNX_OPSET graph "graph": Opset 6 is too old: 7 is the oldest supported. | Export the model again with a newer opset, 18 for instance.
    no newer form: ONNX_OPSET node BatchNormalization "bn", opset 8 to 18: BatchNormalization cannot be upgraded: statistics per position (spatial = 0) have no newer form. | Export the model again with opset 18."
  `);
});
