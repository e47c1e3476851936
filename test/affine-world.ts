import { type Attack, attackMargins } from '../src/attacks/index.ts';
import { asked, type Classifier, over, scoresOf } from '../src/models/index.ts';
import { type Images, type LimitSpec, limitOf, tensor } from '../src/tensor/index.ts';
import { affine } from './pixel-networks.ts';
import { type Ran, runAttack, type Task } from './run-attack.ts';
import { normal } from './small-models.ts';

/** Two classes that are linear in twelve entries, where the best of every step is known. */
export const input = { channels: 3, height: 2, width: 2 };
export const size = 12;

const weights = normal('affine world', [size, 2]);
export const model = affine('affine', input, weights);

/** What the attacker gains per entry by leaving class 0. */
export const slope = Float64Array.from(
  { length: size },
  (_, i) => (weights.data[2 * i + 1] as number) - (weights.data[2 * i] as number),
);

/** Another such model, of slopes that are partly those. */
export const kin = affine(
  'kin',
  input,
  tensor(
    normal('kin', [size, 2]).data.map((w, i) => w + (weights.data[i] as number)),
    [size, 2],
  ),
);

export function greys(count: number): Images {
  return tensor(new Float32Array(count * size).fill(0.5), [count, 3, 2, 2]);
}

/** The task of leaving class 0, from grey. */
export function leaving(count: number, limit: LimitSpec, more: Partial<Task> = {}): Task {
  const images = greys(count);
  return {
    model,
    images,
    goal: { kind: 'untargeted', classes: new Int32Array(count) },
    limit: limitOf(limit, images, { pixels: 'float32' }),
    ...more,
  };
}

/** By how much the margin of each image has risen above that of grey. */
export async function gained(images: Images, of: Classifier = model): Promise<Float64Array> {
  const goal = { kind: 'untargeted', classes: new Int32Array(images.shape[0] as number) } as const;
  const margins = async (x: Images): Promise<Float64Array> =>
    attackMargins(scoresOf(await of.answers(asked(x))), goal);
  const before = await margins(greys(images.shape[0] as number));
  return (await margins(images)).map((m, i) => m - (before[i] as number));
}

/** Runs an attack on such a task. */
export function climb(attack: Attack, count: number, limit: LimitSpec, more?: Partial<Task>): Promise<Ran> {
  return runAttack(attack, leaving(count, limit, more));
}

/** Models that note their name whenever they are asked for a gradient. */
export function turns(): { order: string[]; named: (name: string, of: Classifier) => Classifier } {
  const order: string[] = [];
  return {
    order,
    named: (name, of) =>
      over(of, {
        gradient(q, objective, given) {
          order.push(name);
          return of.gradient(q, objective, given);
        },
      }),
  };
}
