import { expect, test } from 'vitest';
import { climb, greys, model } from '../../test/affine-world.ts';
import { asked, scoresOf } from '../models/index.ts';
import { clone, type Images } from '../tensor/index.ts';
import { featureDistance, featureDistortion } from './feature-distortion.ts';

const moved = (images: Images): Images => {
  const x = clone(images);
  for (let i = 0; i < x.data.length; i++) x.data[i] = (x.data[i] as number) + (i % 5) / 50;
  return x;
};

/** Squared distance of each image's logits from those of grey. */
async function apart(images: Images): Promise<number[]> {
  const [a, b] = [await model.answers(asked(images)), await model.answers(asked(greys(2)))].map(
    (x) => scoresOf(x).data,
  );
  return [0, 1].map((row) =>
    [0, 1].reduce((sum, k) => sum + ((a?.[2 * row + k] as number) - (b?.[2 * row + k] as number)) ** 2, 0),
  );
}

test('its objective is the squared distance of a named output from the clean image’s', async () => {
  const images = moved(greys(2));
  const { value, gradient } = await model.gradient(asked(images), featureDistance('logits'), {
    clean: greys(2),
  });
  for (const [i, distance] of (await apart(images)).entries()) expect(value[i]).toBeCloseTo(distance, 5);
  const flat = await model.gradient(asked(greys(2)), featureDistance('logits'), { clean: greys(2) });
  expect(gradient.data.every((g) => g !== 0)).toBe(true);
  expect(flat.gradient.data.every((g) => g === 0)).toBe(true);
});

test('it moves away from the features, whatever the classes', async () => {
  const { images } = await climb(featureDistortion, 2, { norm: 'linf', epsilon: 0.1 });
  const one = await climb(featureDistortion, 2, { norm: 'linf', epsilon: 0.1 }, { options: { steps: 1 } });
  for (const [i, distance] of (await apart(images)).entries())
    expect(distance).toBeGreaterThan(2 * ((await apart(one.images))[i] as number));
});

test('a layer that the model does not name is refused with those that there are', async () => {
  const ask = model.gradient(asked(greys(2)), featureDistance('block3'), { clean: greys(2) });
  await expect(ask).rejects.toMatchObject({ code: 'OUTPUT', message: 'The model has no output "block3".' });
});
