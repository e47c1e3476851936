import { expect, test } from 'vitest';
import { networkOf } from './train.ts';

test('each builder makes a network of its own', () => {
  const builders = ['convnet', 'resnet', 'mobilenet', 'convnext', 'vit'] as const;
  const sizes = builders.map((builder) => {
    const { graph } = networkOf({ network: { builder }, seed: 1 });
    return [...graph.initializers.values()].reduce((sum, { data }) => sum + data.length, 0);
  });
  expect(new Set(sizes).size).toBe(builders.length);
});
