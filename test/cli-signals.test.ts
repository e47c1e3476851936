import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GraphBuilder, writeModel } from '../src/onnx/index.ts';
import { type AnyTensor, int64, scalar, tensor, writeNpy } from '../src/tensor/index.ts';
import { ended, hostsOf, openWorld } from './cli-world.ts';

/** How a command ends that is broken off, or whose output goes nowhere: nothing of it goes on. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
  writeFileSync(path.join(world.folder, 'endless.onnx'), endless());
});
afterAll(() => world.close());

/** A network that never answers: one call of the runtime that lasts. */
function endless(): Uint8Array {
  const body = new GraphBuilder();
  body.input('i', 'int64', []);
  const go = body.input('go', 'bool', []);
  const h = body.input('h', 'float32', ['N', 4]);
  body.output(body.op('Identity', [go]), 'on');
  body.output(body.op('Mul', [h, body.scalar(1)]), 'same');
  const b = new GraphBuilder();
  const x = b.input('pixels', 'float32', ['N', 3, 8, 8]);
  const means = b.op('Flatten', [b.op('GlobalAveragePool', [x])]);
  const logits = b.op('MatMul', [means, b.constant(tensor(new Float32Array(12).fill(0.5), [3, 4]))]);
  const count = b.constant(scalar(2 ** 50, 'int64'));
  const yes = b.constant(scalar(1, 'bool'));
  const out = b.op('Loop', [count, yes, logits], { body: { type: 'graph', value: body.finish() } });
  b.declare(out, { dtype: 'float32', shape: ['N', 4] });
  b.output(out, 'scores');
  return writeModel(b.finish());
}

const attack =
  'attack endless.onnx --images images --labels labels.csv --attack random-noise --epsilon 8/255';

/** Seconds of the processor that a process has had; none once it is gone. */
function worked(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return state === 'Z' ? undefined : (Number(fields[10]) + Number(fields[11])) / 100;
}

/** Starts the attack and waits until its host is within the one call. */
async function begun() {
  const child = world.start(...attack.split(' '), '--hosts', '1');
  const end = ended(child);
  let host: number | undefined;
  while (host === undefined) {
    await sleep(30);
    [host] = hostsOf(child.pid as number);
  }
  // The start takes less: what goes on working then is the loop.
  while ((worked(host) ?? 0) < 0.9) await sleep(30);
  return { child, end, host };
}

/** Whether a process ends within two seconds. */
async function ends(pid: number): Promise<boolean> {
  const until = performance.now() + 2000;
  while (worked(pid) !== undefined && performance.now() < until) await sleep(20);
  return worked(pid) === undefined;
}

const stopping = '\nStopping after the current run; Ctrl-C again to stop at once.\n';
const told = 'error STOPPED  Stopped.\n  fix: Run the same command again: nothing was written.\n';

describe.runIf(existsSync('/proc/self/task'))(
  'Ctrl-C ends a command with 130, and nothing is written',
  () => {
    const count = 20_000;
    test.for([
      `attack quad.onnx --images many.npy --labels many-labels.npy --attack pgd --epsilon 8/255 --steps 1000000 --hosts 1 --save stopped`,
      'sidecar quad.onnx --images many.npy --labels many-labels.npy --output stopped',
    ])('%s', async (line) => {
      const write = (name: string, array: AnyTensor): void =>
        writeFileSync(path.join(world.folder, name), writeNpy(array));
      write('many.npy', tensor(new Uint8Array(192 * count), [count, 3, 8, 8], 'uint8'));
      write('many-labels.npy', int64(Array.from({ length: count }, () => 0)));
      const child = world.start(...line.split(' '));
      const end = ended(child);
      while (hostsOf(child.pid as number).length === 0) await sleep(20);
      child.kill('SIGINT');
      expect(await end).toEqual({ out: '', err: stopping + told, code: 130 });
      expect(existsSync(path.join(world.folder, 'stopped'))).toBe(false);
    });
  },
);

describe.runIf(existsSync('/proc/self/task'))(
  'hosts within one call of the runtime end in two seconds',
  () => {
    test.for([
      [['SIGINT', 'SIGINT'], 130, stopping],
      [['SIGHUP'], 129, stopping + told],
      [['SIGKILL'], null, ''],
    ] as const)('after %o', async ([signals, code, err]) => {
      const { child, end, host } = await begun();
      for (const [i, signal] of signals.entries()) {
        if (i > 0) await sleep(50);
        child.kill(signal);
      }
      expect(await ends(host)).toBe(true);
      const ended = await end;
      // The work may have ended by the first of two.
      const second = signals.length > 1 ? ended.err.replace(told, '') : ended.err;
      expect({ ...ended, err: second }).toEqual({ out: '', err, code });
    });

    test('signals while the program ends do not change its code', async () => {
      const { child, end } = await begun();
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.kill('SIGINT');
      while (!said.includes('Stopped.')) await sleep(1);
      while (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT');
        await sleep(0);
      }
      expect(await end).toMatchObject({ err: stopping + told, code: 130 });
    });
  },
);

describe('outputs that take nothing', () => {
  const line = 'attack quad.onnx --images images --labels labels.csv --attack noop --epsilon 8/255 --hosts 1';

  test('a stderr that is closed does not end an attack', async () => {
    const child = world.start(...line.split(' '), '--json');
    child.stderr.destroy();
    const out = await text(child.stdout);
    expect(JSON.parse(out)).toMatchObject({ attack: 'noop' });
  });

  test('a reader that is gone gets no trace of it', async () => {
    const child = world.start('attacks');
    child.stdout.destroy();
    expect(await text(child.stderr)).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('a full disk is one error', async () => {
    const child = spawn(
      process.execPath,
      [
        '--conditions=advarena-source',
        path.join(import.meta.dirname, '../src/cli/main.ts'),
        'attacks',
        '--json',
      ],
      { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] },
    );
    const code = new Promise((resolve) => child.on('close', resolve));
    expect(JSON.parse(await text(child.stderr as Readable))).toEqual({
      error: {
        code: 'DISK_FULL',
        broken: true,
        message: 'There is no space left for what is printed.',
        where: 'stdout',
        remedy: 'Let it go to another place.',
      },
    });
    expect(await code).toBe(1);
  });
});
