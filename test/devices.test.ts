import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRules, runTournament } from '../src/arena/index.ts';
import { performer } from '../src/arena/perform.ts';
import { planOf } from '../src/arena/plan.ts';
import { prepareArena } from '../src/arena/prepare.ts';
import { loadModel } from '../src/models/index.ts';
import type { Store } from '../src/runs/index.ts';
import { checkDevice, explainDevice } from '../src/runtime/device.node.ts';
import { type Hosts, JobEnded, openHosts, probeDevice } from '../src/runtime/index.ts';
import type { AdvarenaError } from '../src/tensor/index.ts';
import { measure } from '../src/zoo/index.ts';
import { openWorld } from './cli-world.ts';
import { type CaseResult, caseNames } from './fixtures.ts';
import { makeSmallArena } from './small-arena.ts';
import { told } from './told.ts';

let root = '';
let rules = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'advarena-devices-'));
  rules = await makeSmallArena(root);
});

const hosts = openHosts({ count: 1 });
afterAll(async () => {
  await hosts.close();
  await rm(root, { recursive: true });
});

const provider = path.join(
  path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node')),
  '../bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so',
);

describe.skipIf(process.platform !== 'linux' || existsSync(provider))('without its libraries cuda', () => {
  const refusal = {
    code: 'DEVICE',
    message: expect.stringMatching(
      /^The device cuda cannot be used: libonnxruntime_providers_cuda\.so and libonnxruntime_providers_shared\.so must be fetched into .*onnxruntime-node.bin.napi-v6.linux.x64\.$/,
    ),
    remedy: expect.stringMatching(
      /^Run "node .*install --onnxruntime-node-install=cuda12", which downloads that, or use the device cpu\.$/,
    ),
  };

  test('is refused by commands in two lines', async () => {
    const world = await openWorld();
    const line = 'quad.onnx --images images --labels labels.csv --attack fgsm --epsilon 8/255';
    const told = await world.all([
      `attack ${line} --device cuda`,
      'gradient quad.onnx --input floats.npy --labels labels.npy --output g.npy --device cuda',
      `attack ${line} --device gpu`,
    ]);
    world.close();
    for (const { out, err, code } of told.slice(0, 2)) {
      expect([out, code]).toEqual(['', 2]);
      expect(err).toMatch(
        /^error DEVICE {2}\S+: The device cuda cannot be used: .*\n {2}fix: Run "node .*\n$/,
      );
    }
    expect(told[2]?.err).toMatch(/Allowed choices are cpu, webgpu, cuda/);
  });

  test('is refused by a tournament before it writes, and by measurements before they render', async () => {
    const out = path.join(root, 'cuda');
    await expect(runTournament(rules, { out, device: 'cuda', hosts })).rejects.toMatchObject({
      ...refusal,
      where: rules,
    });
    expect(existsSync(out)).toBe(false);
    const model = path.join(root, 'one.onnx');
    const folders = { work: path.join(root, 'work'), photographs: path.join(root, 'photographs') };
    const images = { seed: 1, count: 16 };
    await expect(
      measure({ model, trials: [], images, ...folders, hosts, device: 'cuda' }),
    ).rejects.toMatchObject({ ...refusal, where: model });
    expect(await readdir(root)).not.toContain('photographs');
  });
});

test('what a device lacks is told with what to install', async () => {
  const cause = new Error('of the runtime');
  expect(
    await told({
      'no card': () => {
        throw explainDevice('webgpu', 'Failed to get a WebGPU adapter.', 'm.onnx', cause);
      },
      'something else': () => {
        throw explainDevice('webgpu', 'The shader was refused.', 'm.onnx', cause);
      },
    }),
  ).toMatchInlineSnapshot(`
    "no card: DEVICE m.onnx: The device webgpu cannot be used: no graphics card with a suitable driver was found. | Install the driver of the card (on Linux its Vulkan driver: "vulkaninfo --summary" must list it), or use the device cpu.
    something else: DEVICE m.onnx: The device webgpu cannot be used: The shader was refused. | Use the device cpu."
  `);
  // Of the machine it hangs whether there is anything to tell.
  const remedyOf = (check: () => void): string | undefined => {
    try {
      check();
    } catch (error) {
      return (error as AdvarenaError).remedy;
    }
    return undefined;
  };
  expect([
    'Use the device cpu.',
    'Install the NVIDIA driver, CUDA 12 and cuDNN 9, name their folders in LD_LIBRARY_PATH, or use the device cpu.',
  ]).toContain(explainDevice('cuda', 'It is lost.', 'm.onnx', cause).remedy);
  expect([
    undefined,
    "Install it (on Debian and Ubuntu: apt-get install libvulkan1) and the graphics card's Vulkan driver, or use the device cpu.",
  ]).toContain(remedyOf(() => checkDevice('webgpu', [{ name: 'webgpu' }], 'm.onnx')));
});

test('what ran on another device says so', async () => {
  const model = await loadModel(path.join(root, 'one.onnx'), { settings: { device: 'webgpu' } });
  expect(model.flags).toEqual([
    {
      code: 'DEVICE',
      message:
        "one ran on webgpu: its figures are that device's, and may differ from the CPU's and from run to run.",
    },
  ]);
});

describe('a tournament on another device', () => {
  test('shares no step with one on the CPU', async () => {
    const loaded = await loadRules(rules);
    const [cpu, webgpu] = await Promise.all([
      prepareArena(loaded, rules),
      prepareArena(loaded, rules, undefined, 'webgpu'),
    ]);
    const stepsOf = ({ run }: typeof cpu) =>
      planOf(run)
        .next(new Map())
        .map((s) => s.id);
    expect(stepsOf(webgpu)).toHaveLength(stepsOf(cpu).length);
    expect(stepsOf(webgpu).filter((id) => stepsOf(cpu).includes(id))).toEqual([]);
    expect([cpu.run.versions['device'], webgpu.run.versions['device']]).toEqual([undefined, 'webgpu']);
    const [source] = loaded.attacks.flatMap((attack) => attack.sources);
    if (source === undefined) throw new Error('no attack has a source');
    expect([cpu.subject(source).settings, webgpu.subject(source).settings]).toEqual([
      undefined,
      { device: 'webgpu' },
    ]);
  });

  test.for([
    ['cpu', 'crashed'],
    ['webgpu', 'RUNTIME_CRASH Hold the tournament on the device cpu, or mend the driver of webgpu.'],
  ] as const)('on %s the crash of a host is told as: %s', async ([device, how]) => {
    const arena = await prepareArena(await loadRules(rules), rules, undefined, device);
    const crashing: Hosts = {
      ...hosts,
      run: () => Promise.reject(new JobEnded('RUNTIME_CRASH', 'The host of the work died (signal SIGSEGV).')),
    };
    const step = planOf(arena.run).attacks[0]?.step;
    if (step === undefined) throw new Error('the plan has no attack');
    const perform = performer(arena, {} as Store, crashing);
    const ended = await perform(step, AbortSignal.timeout(60_000), () => {}).then(
      ({ outcome }) => (outcome as { status: string }).status,
      ({ code, remedy }: AdvarenaError) => `${code} ${remedy}`,
    );
    expect(ended).toBe(how);
  });
});

/** Cases with kernels of every kind, small enough for a driver that compiles them for a processor. */
const cases = [
  'conv_1d',
  'avgpool_1d',
  'batchnorm',
  'attention',
  'clip_attr',
  'convtranspose_1d',
  'concat_axis_neg',
  'cosine_head',
  'cross_entropy_graph',
  'affine_grid',
  'bilinear_squeeze',
  'cumsum_both',
  'maxpool_2x2',
  'convtranspose_3d',
  'einsum_ellipsis',
  'slice_reverse_step',
].filter((name) => caseNames().includes(name));

/** Shaders compute sums in another order, and transcendental functions to fewer digits. */
const tolerance = 1e-3;

/** Why there is no adapter here; anything else that keeps the device from working is a failure. */
const missing = await probeDevice(hosts, 'webgpu', 'the test').then(
  () => undefined,
  (error: Error) => {
    if (/is not installed|no graphics card|has no webgpu/.test(error.message)) return error.message;
    throw error;
  },
);

describe.skipIf(missing !== undefined)(`gradients on webgpu (${missing ?? 'an adapter is here'})`, () => {
  test.for(cases)('%s', { timeout: 300_000 }, async (name) => {
    const module = pathToFileURL(path.join(import.meta.dirname, 'fixtures.ts')).href;
    const data = { name, device: 'webgpu', tolerance };
    const { failure } = (await hosts.run({ module, name: 'gradientJob', data })) as CaseResult;
    expect(failure).toBeUndefined();
  });
});
