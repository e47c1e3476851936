import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { deserialize, serialize } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { forwardWords } from './forward-words.node.ts';
import type { Channel, ChannelEvents, FromHost, HostKind } from './host.ts';
import type { Device } from './session.ts';

// Inherited by child processes; in threads it only counts if it is set here, on the main thread.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

const inSources = import.meta.url.endsWith('.ts');
const entry = new URL(`./host-entry.node.${inSources ? 'ts' : 'js'}`, import.meta.url);
const condition = 'advarena-source';

/**
 * Images, gradients and weights of megabytes come and go. The C library of most Linuxes would hand each back to the
 * system and ask for it anew, in pages of 4 KiB; with these it keeps them for the next and asks for larger pages.
 * Other systems do not read them.
 */
const keepsMemory = {
  GLIBC_TUNABLES: [
    'glibc.malloc.hugetlb=1',
    `glibc.malloc.mmap_threshold=${2 ** 25}`,
    `glibc.malloc.trim_threshold=${2 ** 31}`,
  ].join(':'),
};

/**
 * Hosts are as many as there are processors: what helpers of the garbage collection would do beside one is taken from
 * another, and they spin while they wait for each other. Arrays of megabytes make it collect often.
 */
const ownThread = ['--single-threaded-gc'];

/** Hosts that work at once: one per hardware thread that this process may use; one where they would share a card. */
export function defaultHosts(device: Device = 'cpu'): number {
  return device === 'cpu' ? availableParallelism() : 1;
}

/** Starts a thread or a child process that serves jobs. */
export function startHost(kind: HostKind, events: ChannelEvents): Channel {
  return kind === 'thread' ? startThread(events) : startProcess(events);
}

/** Those that run: an end of this process takes them along, whatever they are doing. */
const children = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

function startProcess(events: ChannelEvents): Channel {
  const child = fork(entry, {
    serialization: 'advanced',
    execArgv: [...ownThread, ...processFlags(process.execArgv)],
    env: { ...keepsMemory, ...process.env },
    // What a job prints must not mix with the results that a command prints.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const printed = printedBy(child);
  for (const stream of printed) forwardWords(stream);
  let running = true;
  children.add(child);
  const exited = new Promise<void>((resolve) => {
    const end = (how: string): void => {
      if (!running) return;
      running = false;
      children.delete(child);
      events.onEnd(how);
      resolve();
    };
    // What it has started may hold its streams open for long.
    child.on('exit', () => {
      setTimeout(() => {
        for (const stream of printed) stream.destroy();
      }, lastWords).unref();
    });
    // Not at 'exit': the last messages and words are still on their way then.
    child.on('close', (code, signal) => end(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.on('error', (error) => {
      if (child.pid === undefined) end(error.message);
    });
  });
  child.on('message', (message) => events.onMessage(message as FromHost));
  return {
    killable: true,
    send: (message) => {
      // A host that has just died is reported by its exit; the failed write adds nothing.
      child.send(message, () => {});
    },
    hold: (busy) => hold(child, busy),
    async end() {
      // The channel too: its end is waited for, and nothing else may keep this program alive until then.
      hold(child, true);
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Milliseconds after its end for which a host's streams are read. */
const lastWords = 1000;

/** Its standard output and error, as the pipes that they are. */
function printedBy({ stdout, stderr }: ChildProcess): Socket[] {
  return [stdout, stderr].filter((stream) => stream !== null) as Socket[];
}

function hold(child: ChildProcess, busy: boolean): void {
  for (const held of [child, child.channel, ...printedBy(child)])
    if (busy) held?.ref();
    else held?.unref();
}

function startThread(events: ChannelEvents): Channel {
  const worker = new Worker(entry, {
    stdout: true,
    stderr: true,
    ...(sourceConditionLacks(process.execArgv) ? { execArgv: [`--conditions=${condition}`] } : {}),
  });
  for (const stream of [worker.stdout, worker.stderr]) forwardWords(stream);
  let failure: string | undefined;
  worker.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error);
  });
  worker.on('exit', (code) => events.onEnd(failure ?? `exit code ${code}`));
  worker.on('message', (bytes: Uint8Array) => events.onMessage(deserialize(bytes) as FromHost));
  return {
    killable: false,
    send(message) {
      // A posted view takes its whole buffer along; serialised, only what it shows.
      const bytes = serialize(message);
      worker.postMessage(bytes, [bytes.buffer]);
    },
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    async end() {
      worker.ref();
      await worker.terminate();
    },
  };
}

/** Our sources find each other by a condition; test runners have it in their resolver instead of the flags. */
function sourceConditionLacks(flags: readonly string[]): boolean {
  return inSources && !flags.some((f) => f.includes(condition));
}

/** The flags of this process for a child: without those that belong to a script given as text, and debuggers. */
function processFlags(flags: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    if (flag === '-e' || flag === '--eval' || flag === '-p' || flag === '--print') i++;
    else if (!/^--(?:input-type|inspect|eval|print|test|watch)/.test(flag)) out.push(flag);
  }
  if (sourceConditionLacks(flags)) out.push(`--conditions=${condition}`);
  return out;
}
