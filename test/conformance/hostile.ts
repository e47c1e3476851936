import { z } from 'zod';
import { type Attack, type AttackContext, bim, defineAttack } from '../../src/attacks/index.ts';
import {
  type Access,
  crossEntropy,
  labelTensor,
  type Objective,
  type Oracle,
} from '../../src/models/index.ts';
import { JobEnded } from '../../src/runtime/index.ts';
import { AdvarenaError, clone, type Images, tensor } from '../../src/tensor/index.ts';

/** An entry that tries whatever an entry must not, a trick at a time. Hosts import it too. */

function entry(run: Attack['run'], access: Access): Attack {
  return defineAttack({
    name: 'hostile',
    title: 'Tries whatever it must not',
    paper: 'none',
    access,
    norms: ['linf'],
    goals: ['untargeted', 'targeted'],
    options: z.strictObject({}),
    run,
  });
}

/** What a trick does; it throws where something came through that must not. */
type Trick = (context: AttackContext) => Promise<void>;

/** Fails unless the work is refused. */
async function refused(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
  } catch {
    return;
  }
  throw new Error(`came through: ${what}`);
}

const given = ({ goal }: AttackContext) => ({ labels: labelTensor(goal.classes) });

/** Asks all that an oracle has, in the same words. */
async function refusedAll(
  what: string,
  context: AttackContext,
  q: Parameters<Oracle['answers']>[0],
): Promise<void> {
  const { model } = context;
  await refused(`answers ${what}`, () => model.answers(q));
  await refused(`scores ${what}`, () => model.scores(q));
  await refused(`a gradient ${what}`, () => model.gradient(q, crossEntropy(), given(context)));
}

function objective(key: string, build: Objective['build']): Objective {
  return { key, build };
}

/** Kept from an earlier run of this entry. */
let kept: Oracle | undefined;

export const tricks: Record<string, Trick> = {
  async 'asks without ids'(context) {
    await refusedAll('without ids', context, { images: context.batch.images, ids: [] });
    await refusedAll('with one id for all', context, { images: context.batch.images, ids: ['image0'] });
    await refusedAll('with numbers of draws of fewer', context, {
      ...context.batch,
      draw: Uint32Array.of(0),
    });
  },

  async 'asks for others'(context) {
    const { images, ids } = context.batch;
    const foreign = ids.map((id, i) => (i === 0 ? 'another' : id));
    await refusedAll('of an id of another batch', context, { images, ids: foreign });
    await refusedAll('of an id of every object', context, { images, ids: ids.map(() => 'constructor') });
  },

  async 'asks about what is no image'(context) {
    const { images, ids } = context.batch;
    const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
    const others: [string, unknown][] = [
      [
        'larger images',
        tensor(new Float32Array(count * channels * (height + 1) * width), [
          count,
          channels,
          height + 1,
          width,
        ]),
      ],
      ['fewer numbers', { ...images, data: images.data.subarray(1) }],
      ['more numbers', { ...images, data: new Float32Array(images.data.length + 1) }],
      ['a list of numbers', { ...images, data: [...images.data] }],
      ['bytes', { ...images, dtype: 'uint8', data: new Uint8Array(images.data.length) }],
      ['another order of axes', { ...images, shape: [count, height, width, channels] }],
      ['nothing', undefined],
    ];
    for (const [what, wrong] of others)
      await refusedAll(`about ${what}`, context, { images: wrong as Images, ids });
  },

  async 'gives objectives that break'(context) {
    const { model, batch } = context;
    const q = { images: batch.images, ids: batch.ids };
    const broken = objective('broken', () => {
      throw new AdvarenaError('DISK_FULL', 'The disk is full.');
    });
    const ask = (of: Objective, what = given(context)): Promise<unknown> => model.gradient(q, of, what);
    await refused('an objective that breaks', () => ask(broken));
    await refused('two at once', () => Promise.any([ask(broken), ask(broken)]));
    await refused('labels of none', () => ask(crossEntropy(), {} as never));
    await refused('labels of some', () => ask(crossEntropy(), { labels: labelTensor([0]) }));
    await refused('no objective', () => ask(undefined as never));
    const untyped = objective('untyped', (b, net) => b.op('Gather', [net.logits, net.logits]));
    await refused('an objective whose graph does not load', () => ask(untyped));
    const misshapen = objective('misshapen', (b, net) =>
      b.op('Reshape', [net.logits, b.ints([7, 1001])], {}, 'seven'),
    );
    await refused('an objective whose graph does not run', () => ask(misshapen));
    // Nobody waits for it.
    void ask(broken);
    void model.answers({ ...q, ids: batch.ids.map(() => 'foreign') });
  },

  async 'reaches for more'(context) {
    const found = reached(context);
    const extra = found.filter((path) => !declared.some((known) => known.test(path)));
    if (extra.length > 0) throw new Error(`came through: ${extra.join(', ')}`);
  },

  async 'keeps its oracles for another run'(context) {
    const { batch, model } = context;
    const old = kept;
    kept = model;
    if (old === undefined) return;
    const q = { images: batch.images, ids: batch.ids };
    await refused('answers of an earlier run', () => old.answers(q));
    await refused('a gradient of an earlier run', () => old.gradient(q, crossEntropy(), given(context)));
  },

  async 'writes where it is frozen'(context) {
    const { batch, goal, limit, model } = context;
    const write = (what: object, name: string): void => {
      if (Reflect.set(what, name, 'mine')) throw new Error(`came through: ${name} is mine`);
    };
    for (const what of [context, batch, batch.ids, goal, limit, limit.spec, model, model.input])
      for (const name of Object.keys(what)) write(what, name);
    await refused('another id', () => (batch.ids as string[]).push('another'));
    limit.radii.fill(7);
    if (limit.radii.includes(7)) throw new Error('came through: radii are mine');
  },
};

/** What an attack may hold that can be called: oracles, limit, random numbers, and the getter of radii. */
const declared = [
  /^(?:model|opponent|members\.\d+)\.(?:answers|scores|gradient)$/,
  /^limit\.(?:take|within|project|step|judged|distance|outside|get radii)$/,
  /^random\.(?:stream|child)$/,
];

/** Prototypes of the language: whoever has an object has these. */
const intrinsics = new Set<unknown>(
  [
    ...Object.getOwnPropertyNames(globalThis).map((name) => Reflect.get(globalThis, name) as unknown),
    Object.getPrototypeOf(Float32Array) as unknown,
    (async () => {}).constructor,
    // oxlint-disable-next-line require-yield -- only its kind is wanted
    async function* () {}.constructor,
  ].flatMap((value) => (typeof value === 'function' ? [value.prototype as unknown] : [])),
);

/** Paths of all functions that can be reached from an object, and of arrays that show more memory than their own. */
export function reached(root: object): string[] {
  const seen = new Set<unknown>();
  const found: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value))
      return;
    seen.add(value);
    if (typeof value === 'function') found.push(path);
    if (ArrayBuffer.isView(value)) {
      if (value.buffer.byteLength > value.byteLength) found.push(`memory behind ${path}`);
      return;
    }
    for (const key of Reflect.ownKeys(value)) {
      const at = path === '' ? String(key) : `${path}.${String(key)}`;
      const accessors = Object.getOwnPropertyDescriptor(value, key);
      for (const way of ['get', 'set'] as const)
        if (accessors?.[way] !== undefined) visit(accessors[way], at.replace(/[^.]*$/, `${way} $&`));
      visit(Reflect.get(value, key), at);
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!intrinsics.has(prototype)) visit(prototype, `${path}.prototype`);
  };
  visit(root, '');
  return found;
}

/** Tries a trick, and then is bim; or changes nothing, with less access than bim needs. */
export function trying(trick: string, access: Access = 'gradient'): Attack {
  const options = bim.options.parse({}) as { steps: number };
  return entry(async function* (context) {
    await (tricks[trick] as Trick)(context);
    if (access !== 'gradient') return clone(context.batch.images);
    return yield* bim.run({ ...context, options });
  }, access);
}

/** An entry that ends badly after its first step. */
export function ending(how: string): Attack {
  const end = ends[how] as (context: AttackContext) => unknown;
  return entry(async function* (context) {
    yield clone(context.batch.images);
    return (await end(context)) as Images;
  }, 'gradient');
}

function throwing(value: unknown): () => never {
  return () => {
    throw value;
  };
}

/** An error that lies about itself when it is packed for another process. */
class Liar extends AdvarenaError {
  constructor() {
    super('ATTACK_IMAGES', 'images');
  }
  override toJSON(): { code: string; message: string } {
    return { code: 'DISK_FULL', message: 'The disk is full.' };
  }
}

class Unreadable extends Error {
  override get message(): string {
    throw new JobEnded('STOPPED', 'stopped');
  }
}

const unprintable = {
  toString() {
    throw new AdvarenaError('DISK_FULL', 'The disk is full.');
  },
};

/** What it throws. */
const thrown: Record<string, unknown> = {
  'says that the disk is full': new AdvarenaError('DISK_FULL', 'The disk is full.'),
  'says that it was stopped': new JobEnded('STOPPED', 'stopped'),
  'says that the model is broken': new AdvarenaError('RUNTIME_RUN', 'The model broke.'),
  'throws a string': 'STOPPED',
  'throws nothing': undefined,
  'throws what has no words': Object.create(null),
  'throws what cannot be printed': unprintable,
  'throws an error that cannot be read': new Unreadable(),
};

/** What it returns in the place of images. */
/** Images whose memory is given away so many turns of the queue after they were returned. */
function vanishing(images: Images, turns: number): Images {
  const data = images.data.slice();
  const wait = (left: number): void => {
    if (left === 0) structuredClone(data, { transfer: [data.buffer] });
    else queueMicrotask(() => wait(left - 1));
  };
  wait(turns);
  return { ...images, data };
}

const returned: Record<string, (images: Images) => unknown> = {
  nothing: () => undefined,
  'a number': () => 1,
  'one image fewer': ({ shape: [count = 0, ...tail], data }) => ({
    dtype: 'float32',
    shape: [count - 1, ...tail],
    data: data.subarray(data.length / count),
  }),
  'the same numbers in another shape': (images) => {
    const { shape } = images;
    // Its own copy of what it is to return says so too.
    (shape as number[]).splice(0, 4, ...shape.toReversed());
    return { ...images, shape: [...shape] };
  },
  'an array that says it is longer': (images) => ({
    ...images,
    data: Object.defineProperty(new Float32Array(3), 'length', { value: images.data.length }),
  }),
  'memory that is gone': (images) => vanishing(images, 1),
  'memory that goes while it is taken': (images) => vanishing(images, 4),
  'a huge array': (images) => ({ ...images, data: new Float32Array(2 ** 24) }),
  'numbers of 64 bits': (images) => ({ ...images, data: Float64Array.from(images.data) }),
  'bytes that say they are floats': (images) => ({ ...images, data: new Uint8Array(images.data.length) }),
  'floats that say they are bytes': (images) => ({ ...images, dtype: 'uint8' }),
  'what is no number': (images) => ({ ...images, data: images.data.map(() => Number.NaN) }),
  'what has no end': (images) => ({ ...images, data: images.data.map(() => Number.POSITIVE_INFINITY) }),
};

/** By what it does: how it ends after a step. */
const ends: Record<string, (context: AttackContext) => unknown> = {
  ...Object.fromEntries(Object.entries(thrown).map(([how, value]) => [how, throwing(value)])),
  ...Object.fromEntries(
    Object.entries(returned).map(([what, make]) => [
      `returns ${what}`,
      ({ batch }: AttackContext) => make(batch.images),
    ]),
  ),
  'lies when it is packed': throwing(new Liar()),
  'swallows what breaks': async (context) => {
    const { model, batch } = context;
    const q = { images: batch.images, ids: batch.ids };
    await model.gradient(q, crossEntropy(), given(context)).catch(() => {});
    return batch.images;
  },
  'gives an objective that says so': ({ model, batch }) =>
    model.gradient(
      { images: batch.images, ids: batch.ids },
      objective('broken', throwing(thrown['says that the disk is full'])),
      {},
    ),
};

/** Each way to end, and what it counts as. */
export const verdicts: readonly (readonly [how: string, code: 'ATTACK_FAILED' | 'ATTACK_IMAGES'])[] = [
  ...[...Object.keys(thrown), 'gives an objective that says so'].map(
    (how) => [how, 'ATTACK_FAILED'] as const,
  ),
  ...[...Object.keys(returned).map((what) => `returns ${what}`), 'lies when it is packed'].map(
    (how) => [how, 'ATTACK_IMAGES'] as const,
  ),
];
