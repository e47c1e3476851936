import { expect, test } from 'vitest';
import { GraphBuilder } from './builder.ts';
import { withSizes } from './with-sizes.ts';

function graph() {
  const b = new GraphBuilder();
  const x = b.input('x', 'float32', ['N', 3, 'H', 'W']);
  const z = b.input('z', 'float32', ['N', 'H']);
  b.input('free', 'float32', undefined);
  b.output(b.op('Flatten', [x], {}, 'flat'));
  b.output(b.op('Identity', [z], {}, 'same'));
  return b.finish();
}

const shapes = (given: Record<string, readonly (number | string)[]>) => {
  const made = withSizes(graph(), new Map(Object.entries(given)));
  return Object.fromEntries([...made.inputs, ...made.outputs].map(({ name, shape }) => [name, shape]));
};

test('a free size is taken over wherever its symbol stands', () => {
  expect(shapes({ x: ['N', 3, 8, 9] })).toEqual({
    x: ['N', 3, 8, 9],
    z: ['N', 8],
    free: undefined,
    flat: ['N', 216],
    same: ['N', 8],
  });
});

test('one symbol of two sizes is left open', () => {
  const found = shapes({ x: [2, 3, 8, 9], z: [1, 5], free: [4] });
  expect(found).toEqual({ x: [2, 3, 8, 9], z: [1, 5], free: [4], flat: undefined, same: undefined });
});

test('sizes that the graph fixes stay, and another rank changes nothing', () => {
  expect(shapes({ x: ['N', 4, 8, 9] })['x']).toEqual(['N', 3, 8, 9]);
  expect(shapes({ x: ['N', 8] })['x']).toEqual(['N', 3, 'H', 'W']);
});
