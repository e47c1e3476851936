import { expect, test } from 'vitest';
import { climb, gained, greys, leaving, model, slope } from '../../test/affine-world.ts';
import { affine } from '../../test/pixel-networks.ts';
import { runAttack } from '../../test/run-attack.ts';
import { attack as judge } from '../judge/index.ts';
import { limitOf, type Norm, tensor } from '../tensor/index.ts';
import { apgd } from './apgd.ts';

/** What a step to the border gains at most where the margin is linear: epsilon times the dual norm of its slope. */
function most(norm: Norm, epsilon: number): number {
  const sizes = [...slope].map(Math.abs);
  if (norm === 'linf') return epsilon * sizes.reduce((a, w) => a + w, 0);
  return epsilon * (norm === 'l2' ? Math.hypot(...sizes) : Math.max(...sizes));
}

test.for([
  ['linf', 0.1],
  ['l2', 0.3],
  ['l1', 0.4],
] as const)('on an affine model of two classes it comes to the best point (%s)', async ([norm, epsilon]) => {
  for (const loss of ['cross-entropy', 'margin', 'probability-margin'] as const) {
    const { images } = await climb(apgd, 3, { norm, epsilon }, { options: { loss, steps: 60 } });
    for (const gain of await gained(images)) expect(gain / most(norm, epsilon)).toBeGreaterThan(0.99);
  }
});

/** Ten classes that are linear in twelve pixels. */
const input = { channels: 3, height: 2, width: 2 };
const weights = new Float32Array(12 * 5);
for (let k = 0; k < 5; k++) weights[k * 5 + k] = 1;

/** Class 0 is on top, the others follow in their order; only the way to class 4 is steep. */
const steep = affine(
  'steep',
  input,
  tensor(
    Float32Array.from(weights, (w, i) => (i === 24 ? 40 : w)),
    [12, 5],
  ),
);

test('towards the likeliest classes one after the other it finds what the nearest hides', async () => {
  const images = tensor(
    Float32Array.from({ length: 12 }, (_, i) => [0.9, 0.6, 0.55, 0.5, 0.01][i] ?? 0.5),
    [1, 3, 2, 2],
  );
  const task = {
    model: steep,
    images,
    goal: { kind: 'untargeted' as const, classes: Int32Array.of(0) },
    limit: limitOf({ norm: 'linf', epsilon: 0.03 }, images, { pixels: 'float32' }),
  };
  const targets = async (targetClasses: number): Promise<number> => {
    const { images: made } = await runAttack(apgd, {
      ...task,
      options: { loss: 'dlr-targeted', targetClasses, steps: 10 },
    });
    return made.data[4] as number;
  };
  expect(await targets(4)).toBeCloseTo(0.04, 6);
  // Of nine asked for there are four.
  expect(await targets(9)).toBeCloseTo(0.04, 6);
});

test('a loss and the classes that it needs belong together', async () => {
  const climbed = (options: Record<string, unknown>) =>
    climb(apgd, 1, { norm: 'linf', epsilon: 0.1 }, { options });
  await expect(climbed({ loss: 'dlr-targeted' })).rejects.toThrow(/targetClasses/);
  await expect(climbed({ targetClasses: 3 })).rejects.toThrow(/targetClasses/);
  expect([
    apgd.leastClasses?.({ loss: 'dlr' } as never, 'untargeted'),
    apgd.leastClasses?.({ loss: 'dlr' } as never, 'targeted'),
    apgd.leastClasses?.({ loss: 'dlr-targeted' } as never, 'untargeted'),
    apgd.leastClasses?.({ loss: 'margin' } as never, 'untargeted'),
  ]).toEqual([3, 4, 4, 2]);
});

test('what it returns is the best that it has seen, whenever it is stopped', async () => {
  const task = leaving(2, { norm: 'linf', epsilon: 0.2 });
  let before = Number.NEGATIVE_INFINITY;
  const seen: Float32Array[] = [];
  await runAttack(apgd, { ...task, options: { steps: 30 } }, (images) => seen.push(images.data.slice()));
  for (const data of seen) {
    const [gain = 0] = await gained({ dtype: 'float32', shape: [2, 3, 2, 2], data });
    expect(gain).toBeGreaterThanOrEqual(before - 1e-6);
    before = gain;
  }
});

test('a model of fewer classes than a loss needs is told before any work', async () => {
  const request = { images: greys(1), labels: [0], epsilon: 0.1, pixels: 'float32' } as const;
  const told = async (options: Record<string, unknown>) => {
    const error = await judge(model, apgd, { ...request, options }).catch((e: unknown) => e);
    const { code, message, remedy } = error as { code: string; message: string; remedy: string };
    return `${code} ${message} ${remedy}`;
  };
  expect(await told({ loss: 'dlr' })).toBe(
    'CLASSES The attack apgd needs 3 classes with its loss, and affine has 2. Take another loss, such as loss=margin, or another attack.',
  );
  expect(await told({ loss: 'dlr-targeted', targetClasses: 1 })).toMatch(/needs 4 classes/);
});
