import { describe, expect, test } from 'vitest';
import type { GoalKind } from '../src/attacks/index.ts';
import { type Attack, attackMargins, attacks, ball } from '../src/attacks/index.ts';
import { optionNames } from '../src/catalog/index.ts';
import { type Assignment, makeImages, resolveAttack, attack as runAttack } from '../src/judge/index.ts';
import { type Classifier, graphClassifier, type ImageGraph } from '../src/models/index.ts';
import { GraphBuilder } from '../src/onnx/index.ts';
import {
  AdvarenaError,
  clone,
  type Images,
  type Norm,
  rows,
  source,
  type Tensor,
  takeRows,
  tensor,
  toFloat,
} from '../src/tensor/index.ts';

const random = source(11, 'test');
const [channels, side, classes, count] = [3, 6, 4, 7];
const size = channels * side * side;

function normal(shape: readonly number[], scale: number, purpose: string): Tensor {
  const data = new Float32Array(shape.reduce((a, d) => a * d, 1));
  random.stream('', purpose).fillNormal(data, 0, scale);
  return tensor(data, shape);
}

/** Pixels to logits by what `build` appends. */
function classifier(
  name: string,
  outputs: number,
  build: (b: GraphBuilder, images: string) => string,
): Classifier {
  const b = new GraphBuilder(undefined, { name });
  const logits = b.output(build(b, b.input('images', 'float32', ['N', channels, side, side])), 'logits');
  const image: ImageGraph = {
    graph: b.finish(),
    input: { channels, height: side, width: side },
    classes: outputs,
    heads: [{ logits, weight: 1 }],
    flags: [],
    indexOffset: 0,
    labelOffset: 0,
    maxRows: Number.POSITIVE_INFINITY,
  };
  return graphClassifier(image, { name });
}

/** A convolution, a rectifier and a linear head. */
const small = classifier('small', classes, (b, images) => {
  const kernel = b.constant(normal([8, channels, 3, 3], 0.4, 'kernel'), 'kernel');
  const map = b.op('Relu', [b.op('Conv', [b.op('Sub', [images, b.scalar(0.5)]), kernel])]);
  const head = b.constant(normal([8 * (side - 2) ** 2, classes], 0.5, 'head'), 'head');
  return b.op('MatMul', [b.op('Flatten', [map], { axis: 1 }), head]);
});

/** The same answer to everything, so a gradient of zero everywhere. */
const dead = classifier('dead', classes, (b, images) => {
  const head = b.constant(tensor(new Float32Array(size * classes), [size, classes]), 'head');
  return b.op('MatMul', [b.op('Flatten', [images], { axis: 1 }), head]);
});

const weights = normal([size, 2], 1, 'affine');

/** z = W x with two classes: cross-entropy and the margin then point the same way. */
const affine = classifier('affine', 2, (b, images) =>
  b.op('MatMul', [b.op('Flatten', [images], { axis: 1 }), b.constant(weights, 'weights')]),
);

/** 8-bit images of all brightness, some of them at the ends of the range. */
const images: Images = toFloat({
  dtype: 'uint8',
  shape: [count, channels, side, side],
  data: Uint8Array.from({ length: count * size }, (_, i) => {
    const level = random.stream(String(i), 'pixel').integer(300) - 22;
    return Math.min(255, Math.max(0, level));
  }),
});
const ids = Array.from({ length: count }, (_, i) => `image${i}`);
const answers = await small.decisions({ images, ids });
/** What the model answers, but for the last two images. */
const labels = answers.map((answer, i) => (i < count - 2 ? answer : (answer + 1) % classes));
const targets = labels.map((label) => (label + 2) % classes);

const radius: Record<Norm, number> = {
  linf: 16 / 255,
  l2: 0.6,
  l1: 3,
  l0: 5,
  'l0-entries': 5,
};

function assignment(norm: Norm, goal: GoalKind, changes: Partial<Assignment> = {}): Assignment {
  return { norm, epsilon: radius[norm], goal, seed: 5, ids, images, labels, targets, ...changes };
}

/** Fewer questions than by default, where a test does not say how many. */
const few: Record<string, Record<string, unknown>> = {
  square: { queries: 25 },
  'repeated-noise': { draws: 25 },
};

async function make(
  attack: Attack,
  given: Assignment,
  {
    model = small,
    options = few[attack.name] ?? {},
    pause,
  }: { model?: Classifier; options?: object; pause?: () => Promise<void> } = {},
) {
  const resolved = resolveAttack({ name: attack.name, options: options as Record<string, unknown> });
  return makeImages(model, resolved, given, pause === undefined ? {} : { pause });
}

/** Rows of an assignment, in the order given. */
function part(given: Assignment, which: readonly number[]): Assignment {
  return {
    ...given,
    ids: which.map((i) => ids[i] as string),
    images: takeRows(images, which),
    labels: Int32Array.from(which, (i) => labels[i] as number),
    targets: Int32Array.from(which, (i) => targets[i] as number),
  };
}

describe.for(attacks.all)('$name', (attack) => {
  const cases = attack.norms.flatMap((norm) => attack.goals.map((goal) => [norm, goal] as const));
  const [norm, goal] = cases[0] as readonly [Norm, GoalKind];

  test.for(cases)('stays inside the %s ball and the pixel range (%s)', async ([n, g]) => {
    const made = (await make(attack, assignment(n, g))).images;
    expect(ball(n, radius[n]).contains(made, images)).toEqual(ids.map(() => true));
    expect(made.data.every((v) => v >= 0 && v <= 1)).toBe(true);
  });

  test('gives the same bytes for the same seed', async () => {
    const first = await make(attack, assignment(norm, goal));
    expect(await make(attack, assignment(norm, goal))).toEqual(first);
  });

  test.for(cases)('gives each image its result whatever its batch (%s, %s)', async ([n, g]) => {
    const given = assignment(n, g);
    const whole = await make(attack, given);
    for (const which of [...ids.map((_, i) => [i]), [4, 2, 6, 0], [6, 5, 4, 3, 2, 1, 0]]) {
      const { images: made, queries, gradients } = await make(attack, part(given, which));
      expect(made.data).toEqual(takeRows(whole.images, which).data);
      for (const i of which) {
        expect(queries[ids[i] as string]).toBe(whole.queries[ids[i] as string]);
        expect(gradients[ids[i] as string]).toBe(whole.gradients[ids[i] as string]);
      }
    }
  });

  test('stops within a step of the signal', async () => {
    const { model, asked } = counting(small);
    let steps = 0;
    let before = 0;
    const stop = new Error('stop');
    const run = make(attack, assignment(norm, goal), {
      model,
      pause: () => {
        steps++;
        expect(asked.gradients - before).toBeLessThanOrEqual(count);
        before = asked.gradients;
        return steps < 3 ? Promise.resolve() : Promise.reject(stop);
      },
    });
    await run.then(
      () => expect(steps).toBeLessThan(3),
      (error: unknown) => expect(error).toBe(stop),
    );
    const total = asked.gradients;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked.gradients).toBe(total);
    expect(total).toBeLessThanOrEqual(3 * count);
  });

  test('has its best so far when the clock stops it', async () => {
    const { images: made, timedOut } = await make(attack, assignment(norm, goal, { seconds: 1e-9 }));
    expect(ball(norm, radius[norm]).contains(made, images)).toEqual(ids.map(() => true));
    const { images: whole } = await make(attack, assignment(norm, goal));
    // Those of one step are done before the clock can stop them.
    expect(timedOut || row(made, 0).every((v, j) => v === row(whole, 0)[j])).toBe(true);
  });

  test.for(cases)('gives finite images where all gradients are zero (%s, %s)', async ([n, g]) => {
    const { images: made } = await make(attack, assignment(n, g), { model: dead });
    expect(made.data.every(Number.isFinite)).toBe(true);
    expect(ball(n, radius[n]).contains(made, images)).toEqual(ids.map(() => true));
  });

  test('counts every question it asks', async () => {
    const { model, asked } = counting(small);
    const { queries, gradients } = await make(attack, assignment(norm, goal), { model });
    expect(total(queries)).toBe(asked.queries);
    expect(total(gradients)).toBe(asked.gradients);
    expect(asked.gradients > 0).toBe(attack.access === 'gradient');
  });

  test('succeeds where a fresh answer says so', async () => {
    for (const g of attack.goals) {
      const outcome = await runAttack(small, attack, {
        images,
        ids,
        labels,
        epsilon: radius[norm],
        norm,
        goal: g,
        options: few[attack.name] ?? {},
        ...(g === 'targeted' ? { targets } : {}),
      });
      const now = await small.decisions({ images: outcome.adversarial.images, ids });
      for (const [i, s] of outcome.samples.entries()) {
        expect(s.adversarial).toBe(now[i]);
        expect(s.success).toBe(
          g === 'untargeted'
            ? answers[i] === labels[i] && now[i] !== labels[i]
            : now[i] === (g === 'targeted' ? targets[i] : s.target),
        );
      }
    }
  });

  test('refuses a misspelt option with the nearest name', async () => {
    const [name] = optionNames(attack.options);
    const wrong = `${name ?? 'step'}x`;
    const error = await make(attack, assignment(norm, goal), { options: { [wrong]: 1 } }).then(
      () => undefined,
      (e: unknown) => e as AdvarenaError,
    );
    expect(error?.code).toBe('OPTION');
    expect(error?.message).toBe(
      `The attack ${attack.name} has no option "${wrong}".${name === undefined ? '' : ` Did you mean "${name}"?`}`,
    );
  });
});

const byScores = attacks.all.filter((a) => a.access === 'scores').map((a) => a.name);

test.for(byScores)(
  '%s asks as often as it is told, and nothing more of what fools the model',
  async (name) => {
    const attack = attacks.find(name);
    const first: Record<string, number> = {};
    const asked: Record<string, number> = {};
    const watched: Classifier = {
      ...small,
      async scores(q) {
        const answer = await small.scores(q);
        const classesOf = Int32Array.from(q.ids, (id) => labels[ids.indexOf(id)] as number);
        for (const [i, m] of attackMargins(answer, { kind: 'untargeted', classes: classesOf }).entries()) {
          const id = q.ids[i] as string;
          asked[id] = (asked[id] ?? 0) + 1;
          if (m > 0) first[id] ??= asked[id];
        }
        return answer;
      },
    };
    const epsilon = 0.3;
    const all = await make(attack, assignment('linf', 'untargeted', { epsilon }), { model: watched });
    expect(Object.values(all.queries)).toEqual(ids.map(() => 25));
    for (const id of ids) delete asked[id];
    for (const id of ids) delete first[id];
    const given = assignment('linf', 'untargeted', { epsilon, stopEarly: 'float32' });
    const { images: made, queries } = await make(attack, given, { model: watched });
    // One more than it is told: what the image is as it is.
    for (const id of ids) expect(queries[id]).toBe(first[id] ?? 26);
    expect(new Set(Object.values(queries)).size).toBeGreaterThan(2);
    const now = await small.decisions({ images: made, ids });
    for (const [i, id] of ids.entries()) expect(now[i] !== labels[i]).toBe(first[id] !== undefined);
  },
);

/** Attacks that first ask about the images as they are. */
const fromTheImage = attacks.all.filter((a) => a.access === 'gradient');

test.for(fromTheImage)(
  '$name with early stop leaves images alone that fool the model as they are',
  async (attack) => {
    const options = optionNames(attack.options).includes('randomStart') ? { randomStart: false } : {};
    const goal = attack.goals[0] as GoalKind;
    const wanted = goal === 'targeted' ? answers : labels;
    const given = assignment('linf', goal, { stopEarly: 'float32', labels: wanted, targets: targetsMet() });
    const { images: made } = await make(attack, given, { options });
    for (let i = count - 2; i < count; i++) expect(row(made, i)).toEqual(row(images, i));
    expect(row(made, 0)).not.toEqual(row(images, 0));
  },
);

/** Targets of which the last two are met by the clean images. */
function targetsMet(): Int32Array {
  return answers.map((answer, i) => (i < count - 2 ? (answer + 1) % classes : answer));
}

describe('closed forms', () => {
  const find = (name: string): Attack => attacks.find(name);

  test.for(['linf', 'l2'] as const)('one step of bim is fgsm (%s)', async (norm) => {
    for (const goal of ['untargeted', 'targeted'] as const) {
      const given = assignment(norm, goal);
      const one = await make(find('bim'), given, { options: { steps: 1 } });
      expect(one.images.data).toEqual((await make(find('fgsm'), given)).images.data);
    }
  });

  test('mi-fgsm without decay is bim in linf', async () => {
    const given = assignment('linf', 'untargeted');
    const plain = await make(find('bim'), given, { options: { steps: 7 } });
    const without = await make(find('mi-fgsm'), given, { options: { steps: 7, decay: 0 } });
    expect(without.images.data).toEqual(plain.images.data);
    const withDecay = await make(find('mi-fgsm'), given, { options: { steps: 7 } });
    expect(withDecay.images.data).not.toEqual(plain.images.data);
  });

  test.for(['linf', 'l2'] as const)(
    'pgd without random start is the best iterate of bim (%s)',
    async (norm) => {
      const options = { steps: 8, stepSize: radius[norm] / 2 };
      const goal = { kind: 'untargeted', classes: labels } as const;
      const best = clone(images);
      const highest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
      const see = async (x: Images): Promise<void> => {
        for (const [i, m] of attackMargins(await small.scores({ images: x, ids }), goal).entries()) {
          if (m <= (highest[i] as number)) continue;
          highest[i] = m;
          best.data.set(row(x, i), i * size);
        }
      };
      await see(images);
      const walk = find('bim').run({
        model: small,
        batch: { ids, images },
        goal,
        limit: ball(norm, radius[norm]),
        random: source(5, 'attack/bim'),
        options,
      });
      for (let next = await walk.next(); next.done !== true; next = await walk.next()) await see(next.value);
      const pgd = await make(find('pgd'), assignment(norm, 'untargeted'), {
        options: { ...options, randomStart: false, restarts: 1 },
      });
      expect(pgd.images.data).toEqual(best.data);
    },
  );

  const stepping = ['fgsm', 'bim', 'mi-fgsm', 'pgd', 'step-target-class', 'iter-target-class'].map(find);
  const steps = stepping.flatMap((attack) =>
    attack.goals.flatMap((goal) => attack.norms.map((norm) => ({ attack, name: attack.name, goal, norm }))),
  );

  test.for(steps)(
    '$name moves the margin of an affine model by epsilon times the dual norm ($goal, $norm)',
    async ({ attack, goal, norm }) => {
      const grey = tensor(new Float32Array(count * size).fill(0.5), images.shape);
      const own = await affine.decisions({ images: grey, ids });
      const epsilon = norm === 'linf' ? 0.03 : 0.25;
      const other = own.map((c) => 1 - c);
      const given = { ...assignment(norm, goal), epsilon, images: grey, labels: own, targets: other };
      const options = attack.name === 'pgd' ? { randomStart: false } : {};
      const { images: made } = await make(attack, given, { model: affine, options });
      const difference = Float64Array.from({ length: size }, (_, i) => {
        const [first, second] = weights.data.subarray(2 * i, 2 * i + 2);
        return (first as number) - (second as number);
      });
      const dual =
        norm === 'linf' ? difference.reduce((a, w) => a + Math.abs(w), 0) : Math.hypot(...difference);
      const [was, is] = await Promise.all([grey, made].map((x) => affine.scores({ images: x, ids })));
      const [before, after] = [was, is].map((z) =>
        attackMargins(z as Tensor, { kind: 'untargeted', classes: own }),
      );
      for (let i = 0; i < count; i++) {
        const moved = ((after as Float64Array)[i] as number) - ((before as Float64Array)[i] as number);
        expect(moved / (epsilon * dual)).toBeCloseTo(1, 4);
      }
    },
  );
});

/** The model with its own count of rows asked. */
function counting(model: Classifier): { model: Classifier; asked: { queries: number; gradients: number } } {
  const asked = { queries: 0, gradients: 0 };
  return {
    asked,
    model: {
      ...model,
      decisions(q) {
        asked.queries += q.ids.length;
        return model.decisions(q);
      },
      scores(q) {
        asked.queries += q.ids.length;
        return model.scores(q);
      },
      gradient(q, objective, given) {
        asked.gradients += q.ids.length;
        return model.gradient(q, objective, given);
      },
    },
  };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, n) => a + n, 0);
}

function row(x: Images, i: number): Float32Array {
  return rows(x, i, i + 1).data;
}
