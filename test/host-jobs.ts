import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { JobContext, Session } from '../src/runtime/index.ts';
import { AdvarenaError } from '../src/tensor/index.ts';

/** Jobs for the tests of hosts: hosts import them from here by name. */

export async function echo(data: unknown): Promise<unknown> {
  return data;
}

export async function identity(): Promise<number> {
  return process.pid;
}

/** `steps` steps that block the thread for `milliseconds` each. */
export async function work(
  { steps, milliseconds }: { steps: number; milliseconds: number },
  { progress, pause }: JobContext,
): Promise<string> {
  for (let i = 1; i <= steps; i++) {
    block(milliseconds);
    progress(i);
    await pause();
  }
  return 'finished';
}

export async function remember(_: unknown, { cache }: JobContext): Promise<number> {
  const calls = ((cache.get('calls') as number | undefined) ?? 0) + 1;
  cache.set('calls', calls);
  return calls;
}

export async function refuse(): Promise<never> {
  throw new AdvarenaError('NO_GRADIENT', 'The node has no gradient.', {
    where: 'node "pool"',
    remedy: 'Add a rule.',
  });
}

export async function fail(): Promise<never> {
  throw new TypeError('a bug');
}

export async function crash(_: unknown, { progress }: JobContext): Promise<never> {
  progress('half');
  return process.abort();
}

export async function leave(): Promise<never> {
  return process.exit(7);
}

export async function hang(_: unknown, { progress }: JobContext): Promise<never> {
  progress('half');
  for (;;) block(1000);
}

export async function unclonable(): Promise<unknown> {
  return () => {};
}

export async function print(text: string): Promise<void> {
  console.log(text);
}

/** Writes past Node, as native code does. */
export async function printNatively(texts: readonly string[]): Promise<void> {
  for (const text of texts)
    for (let bytes = Buffer.from(text); bytes.length > 0; ) {
      try {
        bytes = bytes.subarray(writeSync(2, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      }
    }
}

/** Its last words are no whole line. */
export async function printAndDie(text: string): Promise<never> {
  await printNatively([text]);
  return process.kill(process.pid, 'SIGKILL') as never;
}

/** Leaves something running that has its streams. */
export async function leaveBehind(seconds: number): Promise<never> {
  const { pid } = spawn(process.execPath, ['-e', `setTimeout(() => {}, ${1000 * seconds})`], {
    stdio: 'inherit',
  });
  console.log(`left ${pid}`);
  return process.exit(7);
}

/** Sum of the outputs of a model for one image. */
export async function infer(
  { model, shape }: { model: string; shape: number[] },
  { cache }: JobContext,
): Promise<number> {
  // Only here, so that the hosts of the other jobs start without the ONNX room.
  const { createSession } = await import('../src/runtime/index.ts');
  let session = cache.get(model) as Session | undefined;
  session ??= await createSession(model, { name: 'model' });
  cache.set(model, session);
  const size = shape.reduce((a, b) => a * b, 1);
  const [input] = session.inputs;
  const [output] = session.outputs;
  const results = await session.run({
    [input?.name ?? '']: { dtype: 'float32', shape, data: new Float32Array(size).fill(0.5) },
  });
  return Array.from(results[output?.name ?? '']?.data as Float32Array).reduce((a, b) => a + b, 0);
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
