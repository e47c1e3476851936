import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { infer } from '../../test/host-jobs.ts';
import { AdvarenaError } from '../tensor/index.ts';
import type { HostKind } from './host.ts';
import type { Hosts, JobOptions } from './index.ts';
import { JobEnded, openHosts, planShards } from './index.ts';

const shared = process.env['ADVARENA_SHARED'] ?? '../shared';
const model = resolve(shared, 'data/small-models/cifar10-resnet20.onnx');

const module = new URL('../../test/host-jobs.ts', import.meta.url).href;

function run(hosts: Hosts, name: string, data: unknown, options?: JobOptions): Promise<unknown> {
  return hosts.run({ module, name, data }, options);
}

/** What a job rejects with. */
async function failure(promise: Promise<unknown>): Promise<JobEnded> {
  return promise.then(
    (value) => {
      throw new Error(`no error but ${String(value)}`);
    },
    (error: JobEnded) => error,
  );
}

function complain(): never {
  throw new Error('of the caller');
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe.for(['thread', 'process'] as const)('hosts of kind %s', (kind) => {
  let hosts: Hosts;
  beforeAll(async () => {
    hosts = openHosts({ count: 2, kind });
    await Promise.all([run(hosts, 'identity', 0), run(hosts, 'identity', 0)]);
  });
  afterAll(() => hosts.close());

  test('typed arrays, big integers and maps come back equal', async () => {
    const data = {
      pixels: new Float32Array([1, 2, 3]).subarray(1),
      bits: Uint16Array.of(1, 2),
      labels: BigInt64Array.of(-1n),
      named: new Map([['a', null]]),
    };
    expect(await run(hosts, 'echo', data)).toEqual(data);
    expect(data.pixels).toEqual(Float32Array.of(2, 3));
  });

  test.skipIf(!existsSync(model))('a model gives the same bits as in this thread', async () => {
    const data = { model, shape: [2, 3, 32, 32] };
    const here = await infer(data, {
      cache: new Map(),
      progress: () => {},
      pause: async () => {},
    });
    expect(await Promise.all([1, 2, 3].map(() => run(hosts, 'infer', data)))).toEqual([here, here, here]);
  });

  test('jobs queue in order, each host keeps its cache', async () => {
    const progress: number[] = [];
    const order = [0, 1, 2, 3, 4];
    const counts = await Promise.all(
      order.map(async (i) => {
        const calls = (await run(hosts, 'remember', i)) as number;
        progress.push(i);
        return calls;
      }),
    );
    expect(progress.length).toBe(5);
    expect(counts.toSorted((a, b) => b - a)[0]).toBeGreaterThanOrEqual(3);
  });

  test('this thread stays free while hosts work', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await run(hosts, 'work', { steps: 1, milliseconds: 300 });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });

  test('a stop ends the job at its next pause, and keeps the last progress', async () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    const error = await failure(
      run(
        hosts,
        'work',
        { steps: 200, milliseconds: 50 },
        {
          name: 'the model',
          signal: controller.signal,
          onProgress: (value) => {
            seen.push(value);
            if (value === 2) controller.abort();
          },
        },
      ),
    );
    expect(error).toBeInstanceOf(JobEnded);
    expect(error).toMatchObject({
      code: 'STOPPED',
      where: 'the model',
      message: 'The work was stopped.',
      remedy: 'Start it again to finish it.',
      partial: seen.length,
    });
    expect(seen.length).toBeLessThan(10);
  });

  test('a queued job is stopped at once', async () => {
    const controller = new AbortController();
    const busy = [1, 2].map(() => run(hosts, 'work', { steps: 1, milliseconds: 100 }));
    const queued = failure(run(hosts, 'echo', 0, { signal: controller.signal }));
    controller.abort();
    expect(await queued).toMatchObject({ code: 'STOPPED' });
    expect(await failure(run(hosts, 'echo', 0, { signal: controller.signal }))).toMatchObject({
      code: 'STOPPED',
    });
    expect(await Promise.all(busy)).toEqual(['finished', 'finished']);
  });

  test('a limit of time', async () => {
    const error = await failure(
      run(hosts, 'work', { steps: 200, milliseconds: 20 }, { timeoutSeconds: 0.2, name: 'the model' }),
    );
    expect(error).toMatchObject({
      code: 'TIMEOUT',
      where: 'the model',
      message: 'The work took longer than its limit of 0.2 s.',
      remedy: 'Allow more time, or give it less to do.',
      partial: expect.any(Number),
    });
    expect(await run(hosts, 'echo', 'next')).toBe('next');
  });

  test('errors keep code, place and remedy; bugs keep message and stack', async () => {
    const known = await failure(run(hosts, 'refuse', 0));
    expect(known).toBeInstanceOf(AdvarenaError);
    expect(known.toJSON()).toEqual({
      code: 'NO_GRADIENT',
      message: 'The node has no gradient.',
      where: 'node "pool"',
      remedy: 'Add a rule.',
    });
    const bug = await failure(run(hosts, 'fail', 0));
    expect(bug.name).toBe('TypeError');
    expect(bug.message).toBe('a bug');
    expect(bug.stack).toContain('host-jobs');
  });

  test('what cannot be sent is an error of that job alone', async () => {
    await expect(run(hosts, 'echo', () => {})).rejects.toThrow('could not be cloned');
    await expect(run(hosts, 'unclonable', 0)).rejects.toThrow('could not be cloned');
    await expect(run(hosts, 'no-such', 0)).rejects.toMatchObject({
      code: 'JOB_UNKNOWN',
      where: module,
      message: 'The module exports no function "no-such".',
      remedy: 'Name a function that the module exports.',
    });
    expect(await run(hosts, 'echo', 1)).toBe(1);
  });

  test('an error in onProgress rejects the job and frees the host', async () => {
    const data = { steps: 3, milliseconds: 1 };
    await expect(run(hosts, 'work', data, { onProgress: complain })).rejects.toThrow('of the caller');
    expect(await Promise.all([1, 2, 3].map((i) => run(hosts, 'echo', i)))).toEqual([1, 2, 3]);
  });

  test('a host that exits is reported and replaced', async () => {
    const error = await failure(run(hosts, 'leave', 0, { name: 'the model' }));
    expect(error).toMatchObject({
      code: 'RUNTIME_CRASH',
      where: 'the model',
      message: 'The host of the work died (exit code 7).',
      remedy: 'The model or the job breaks its runtime: try it alone, or with another model.',
    });
    expect(await Promise.all([1, 2, 3].map((i) => run(hosts, 'echo', i)))).toEqual([1, 2, 3]);
  });

  test('close stops what runs and what waits', async () => {
    const own = openHosts({ count: 1, kind });
    const [running, waiting] = [1, 2].map(() => failure(run(own, 'work', { steps: 200, milliseconds: 20 })));
    await sleep(200);
    await own.close();
    expect(await running).toMatchObject({ code: 'STOPPED' });
    expect(await waiting).toMatchObject({ code: 'STOPPED' });
    expect(await failure(run(own, 'echo', 0))).toMatchObject({ code: 'STOPPED' });
  });
});

describe('child processes', () => {
  let hosts: Hosts;
  beforeAll(() => {
    hosts = openHosts({ count: 1, kind: 'process' });
  });
  afterAll(() => hosts.close());

  test('a crash is reported with its signal and the last progress', async () => {
    const error = await failure(run(hosts, 'crash', 0, { name: 'the model' }));
    expect(error).toMatchObject({
      code: 'RUNTIME_CRASH',
      where: 'the model',
      message: 'The host of the work died (signal SIGABRT).',
      partial: 'half',
    });
    expect(await run(hosts, 'echo', 'next')).toBe('next');
  });

  test('one that the system killed may have had too little memory', async () => {
    const pid = (await run(hosts, 'identity', 0)) as number;
    const onProgress = (): void => void process.kill(pid, 'SIGKILL');
    const error = await failure(run(hosts, 'work', { steps: 200, milliseconds: 20 }, { onProgress }));
    expect(error).toMatchObject({
      code: 'RUNTIME_CRASH',
      message: 'The host of the work died (signal SIGKILL).',
      remedy: 'Memory may have run out: use fewer hosts or smaller batches.',
    });
  });

  test('a job that never pauses is killed when its time is up', async () => {
    const before = (await run(hosts, 'identity', 0)) as number;
    const error = await failure(run(hosts, 'hang', 0, { timeoutSeconds: 0.2 }));
    expect(error).toMatchObject({ code: 'TIMEOUT', where: 'hang', partial: 'half' });
    expect(alive(before)).toBe(false);
    expect(await run(hosts, 'identity', 0)).not.toBe(before);
  });

  test('close kills a job that never pauses', async () => {
    const own = openHosts({ count: 1 });
    const pid = (await run(own, 'identity', 0)) as number;
    const hanging = failure(run(own, 'hang', 0));
    await own.close();
    expect(await hanging).toMatchObject({ code: 'STOPPED' });
    expect(alive(pid)).toBe(false);
  });

  test('a job that never pauses is killed soon after it was asked to stop', async () => {
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    const error = await failure(run(hosts, 'hang', 0, { signal: controller.signal, onProgress }));
    expect(error).toMatchObject({ code: 'STOPPED', where: 'hang', partial: 'half' });
    expect(await run(hosts, 'echo', 'next')).toBe('next');
  });

  test('Ctrl-C does not end them', async () => {
    const pid = (await run(hosts, 'identity', 0)) as number;
    process.kill(pid, 'SIGINT');
    expect(await run(hosts, 'identity', 0)).toBe(pid);
  });
});

/** A program that opens hosts and prints their process ids. */
async function program(after: string): Promise<{ child: ReturnType<typeof spawn>; lines: string[] }> {
  const script = `
    import { openHosts } from ${JSON.stringify(pathToFileURL('src/runtime/hosts.ts').href)};
    const hosts = openHosts({ count: 2, kind: 'process' });
    const identity = { module: ${JSON.stringify(module)}, name: 'identity', data: 0 };
    console.log(String(await Promise.all([hosts.run(identity), hosts.run(identity)])));
    await hosts.run({ ...identity, name: 'print', data: 'from a host' });
    ${after}`;
  const child = spawn(
    process.execPath,
    ['--conditions=advarena-source', '--input-type=module', '-e', script],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(...chunk.toString().split('\n').filter(Boolean)));
  if (after !== '') await once(child.stdout, 'data');
  return { child, lines };
}

async function gone(pids: number[]): Promise<boolean> {
  for (let i = 0; i < 100 && pids.some(alive); i++) await sleep(50);
  return !pids.some(alive);
}

test.for([
  ['while they wait', "setInterval(() => {}, 1000); console.log('ready');"],
  [
    'within a job that never pauses',
    "hosts.run({ ...identity, name: 'hang' }, { onProgress: () => console.log('ready') });",
  ],
] as const)('hosts end by themselves when their program is killed, %s', async ([, after]) => {
  const { child, lines } = await program(after);
  while (!lines.includes('ready')) await sleep(20);
  const pids = (lines[0] as string).split(',').map(Number);
  expect(pids.map(alive)).toEqual([true, true]);
  child.kill('SIGKILL');
  expect(await gone(pids)).toBe(true);
});

test('idle hosts do not keep a program alive, and print nothing on its standard output', async () => {
  const { child, lines } = await program('');
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(0);
  expect(lines).toEqual([expect.stringMatching(/^\d+,\d+$/)]);
  expect(await gone(lines.join().split(',').map(Number))).toBe(true);
});

/** What a program whose hosts do these jobs has on its standard error. */
async function words(
  kind: HostKind,
  jobs: readonly (readonly [name: string, data: unknown])[],
): Promise<string> {
  const script = `
    import { openHosts } from ${JSON.stringify(pathToFileURL('src/runtime/hosts.ts').href)};
    const hosts = openHosts({ count: 1, kind: ${JSON.stringify(kind)} });
    for (const [name, data] of ${JSON.stringify(jobs)})
      await hosts.run({ module: ${JSON.stringify(module)}, name, data }).catch(({ message }) => console.error(message));
    await hosts.close();`;
  const folder = await mkdtemp(join(tmpdir(), 'advarena-words-'));
  const file = join(folder, 'program.mjs');
  await writeFile(file, script);
  const child = spawn(process.execPath, ['--conditions=advarena-source', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([0, null]);
  await rm(folder, { recursive: true });
  return said;
}

describe('what hosts print', () => {
  const hostile = 'a\u001B[2J\u001B[1Ab\u001B]0;t\u0007\u001B[31mred\u001B[m\r\n\u009B2J 層\n';
  const written = 'a\\u001b[2J\\u001b[1Ab\\u001b]0;t\\u0007red\n\\u009b2J 層\n';

  test.for(['thread', 'process'] as const)('no terminal obeys what a %s prints', async (kind) => {
    expect(await words(kind, [['print', hostile.slice(0, -1)]])).toBe(written);
  });

  test('nor what its native code does, in pieces', async () => {
    expect(await words('process', [['printNatively', hostile.split('')]])).toBe(written);
  });

  test('its last words come before the news of its death', async () => {
    const said = await words('process', [['printAndDie', 'one\nlast']]);
    expect(said).toBe('one\nlast\nThe host of the work died (signal SIGKILL).\n');
  });

  test('all of much is told, with and without lines', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `line ${i} of many that fill every pipe\n`).join(
      '',
    );
    const long = 'x'.repeat(1_000_000);
    const said = await words('process', [
      ['printNatively', [lines]],
      ['printAndDie', long],
    ]);
    expect(said.slice(0, lines.length)).toBe(lines);
    expect(said.slice(lines.length).replaceAll('\n', '')).toBe(
      `${long}The host of the work died (signal SIGKILL).`,
    );
  });

  test('what a host leaves running does not keep its end from being noticed', async () => {
    const before = performance.now();
    const said = await words('process', [['leaveBehind', 30]]);
    const [, pid] = /^left (\d+)\nThe host of the work died \(exit code 7\)\.\n$/.exec(said) ?? [];
    expect(performance.now() - before).toBeLessThan(15_000);
    process.kill(Number(pid));
  });
});

test('shards are equal, cover every row once and keep all hosts busy', () => {
  expect(planShards(100, 2, 32)).toEqual([
    [0, 25],
    [25, 50],
    [50, 75],
    [75, 100],
  ]);
  expect(planShards(3, 8, 32)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ]);
  expect(planShards(0, 2, 32)).toEqual([]);
  for (const count of [1, 7, 64, 1001])
    for (const hosts of [1, 2, 5]) {
      const shards = planShards(count, hosts, 16);
      const sizes = shards.map(([from, to]) => to - from);
      expect(shards.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(
        Array.from({ length: count }, (_, i) => i),
      );
      expect(Math.max(...sizes)).toBeLessThanOrEqual(16);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }
});
