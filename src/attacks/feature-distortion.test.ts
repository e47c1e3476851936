import { expect, test } from 'vitest';
import { climb, greys, model } from '../../test/affine-world.ts';
import { asked, behind, type Classifier, resizeAndPad, scoresOf } from '../models/index.ts';
import { clone, type Images, randomOf } from '../tensor/index.ts';
import { featureDistance, featureDistortion } from './feature-distortion.ts';
import { scale } from './views/scale.ts';

const diversity = resizeAndPad({
  from: () => 2,
  to: () => 4,
  odds: 1,
  grey: 0,
  flip: true,
  back: true,
});

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

test.for<[string, (of: Classifier) => Classifier]>([
  ['a random stage', (of) => behind(diversity, of, randomOf(1, 'attack'))],
  ['the view scale', (of) => scale.open({ model: of, random: randomOf(1, 'view'), options: { copies: 3 } })],
])('the clean image is seen through %s as the image is', async ([, through]) => {
  const seen = through(model);
  const at = (images: Images) =>
    seen.gradient(asked(images), featureDistance('logits'), { clean: moved(greys(2)) });
  const { value, gradient } = await at(moved(greys(2)));
  expect([...value]).toEqual([0, 0]);
  expect(gradient.data.every((g) => g === 0)).toBe(true);
  expect((await at(greys(2))).gradient.data.some((g) => g !== 0)).toBe(true);
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
