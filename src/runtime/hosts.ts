import { startHost } from '#host';
import type { Channel, FromHost, HostKind, Job } from './host.ts';
import { JobEnded, unpackError } from './host.ts';

export interface HostsOptions {
  count: number;
  kind?: HostKind;
}

export interface JobOptions {
  onProgress?: (value: unknown) => void;
  /**
   * Asks for a stop: the job ends at its next `pause`, a queued one at once. A process that has not ended a second
   * later is killed.
   */
  signal?: AbortSignal;
  /** Wall-clock limit of the job's function: queueing, the host's start-up and loading the module do not count. */
  timeoutSeconds?: number;
  /** What errors call the work: the model. */
  name?: string;
}

/** Threads or child processes that do jobs, each one at a time. Idle ones do not keep the program alive. */
export interface Hosts extends AsyncDisposable {
  readonly size: number;
  /**
   * Gives the job to the next idle host, in the order of the calls.
   * @returns what the job's function returns
   * @throws JobEnded STOPPED after a stop, TIMEOUT, RUNTIME_CRASH if the host died (a fresh one replaces it);
   *   an AdvarenaError with its code, or an Error with message and stack, if the job threw one
   */
  run(job: Job, options?: JobOptions): Promise<unknown>;
  /**
   * Ends the hosts; what is queued or runs rejects with STOPPED. Processes are killed, threads end after the
   * current run.
   */
  close(): Promise<void>;
}

interface Task {
  job: Job;
  options: JobOptions;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  partial: unknown;
  /** Why the task must end, once it must. */
  ending: 'STOPPED' | 'TIMEOUT' | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs from the first stop that was asked for. */
  grace: ReturnType<typeof setTimeout> | undefined;
}

/** Milliseconds that a process has for its next pause once it is to stop. */
const graceToStop = 1000;

/** The longest that a timer can wait, 24 days. */
const longestDelay = 2 ** 31 - 1;

/** Starts hosts, child processes unless told otherwise: see {@link HostKind}. */
export function openHosts({ count, kind = 'process' }: HostsOptions): Hosts {
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`${count} is no number of hosts`);
  const queue: Task[] = [];
  let closed = false;
  const assign = (): void => {
    for (const slot of slots) {
      if (slot.task !== undefined || closed) continue;
      const task = queue.shift();
      if (task === undefined) return;
      slot.start(task);
    }
  };
  const slots = Array.from({ length: count }, () => new Slot(kind, assign));
  const stop = (task: Task): void => {
    const at = queue.indexOf(task);
    if (at < 0) return slots.find((slot) => slot.task === task)?.stop('STOPPED');
    queue.splice(at, 1);
    end(task, 'STOPPED');
  };
  const run = async (job: Job, options: JobOptions = {}): Promise<unknown> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const task: Task = {
      job,
      options,
      resolve,
      reject,
      partial: undefined,
      ending: undefined,
      timer: undefined,
      grace: undefined,
    };
    const onAbort = (): void => stop(task);
    options.signal?.addEventListener('abort', onAbort);
    if (closed || options.signal?.aborted === true) end(task, 'STOPPED');
    else {
      queue.push(task);
      assign();
    }
    try {
      return await promise;
    } finally {
      clearTimeout(task.timer);
      clearTimeout(task.grace);
      options.signal?.removeEventListener('abort', onAbort);
    }
  };
  const close = async (): Promise<void> => {
    closed = true;
    for (const task of queue.splice(0)) end(task, 'STOPPED');
    await Promise.all(slots.map((slot) => slot.close()));
  };
  return { size: count, run, close, [Symbol.asyncDispose]: close };
}

/** One place among the hosts: its thread or process, replaced when it dies, and what it is doing. */
class Slot {
  task: Task | undefined;
  private readonly kind: HostKind;
  private readonly whenIdle: () => void;
  /** Undefined after a death, until there is work again: a host that cannot start is not tried for ever. */
  private channel: Channel | undefined;
  private id = 0;
  private closing: (() => void) | undefined;

  constructor(kind: HostKind, whenIdle: () => void) {
    this.kind = kind;
    this.whenIdle = whenIdle;
    this.channel = this.open();
  }

  private open(): Channel {
    const channel: Channel = startHost(this.kind, {
      onMessage: (message) => this.receive(message),
      onEnd: (how) => this.died(how),
    });
    channel.hold(false);
    return channel;
  }

  start(task: Task): void {
    this.task = task;
    this.id++;
    this.channel ??= this.open();
    this.channel.hold(true);
    try {
      this.channel.send({ type: 'run', id: this.id, job: task.job });
    } catch (error) {
      // Data that cannot be cloned: the host has seen nothing of it.
      this.finish((t) => t.reject(error));
    }
  }

  private receive(message: FromHost): void {
    const task = this.task;
    if (task === undefined || message.id !== this.id) return;
    if (message.type === 'started') this.watch(task);
    else if (message.type === 'progress') this.progress(task, message.value);
    else if (message.type === 'done')
      this.finish((t) => (t.ending === 'TIMEOUT' ? end(t, 'TIMEOUT') : t.resolve(message.value)));
    else if (task.ending !== undefined && message.error.advarena?.code === 'STOPPED')
      this.finish((t) => end(t, t.ending ?? 'STOPPED'));
    else this.finish((t) => t.reject(unpackError(message.error)));
  }

  private watch(task: Task): void {
    const seconds = task.options.timeoutSeconds;
    if (seconds === undefined) return;
    task.timer = setTimeout(() => this.stop('TIMEOUT'), Math.min(seconds * 1000, longestDelay));
  }

  private progress(task: Task, value: unknown): void {
    task.partial = value;
    try {
      task.options.onProgress?.(value);
    } catch (error) {
      task.reject(error);
      this.stop('STOPPED');
    }
  }

  /** Asks the job to stop; a process out of time is not asked. */
  stop(why: 'STOPPED' | 'TIMEOUT'): void {
    const { task, channel } = this;
    if (task === undefined || channel === undefined) return;
    // A limit holds for a job that was asked to stop, too.
    task.ending = task.ending ?? why;
    if (why === 'TIMEOUT' && channel.killable) void channel.end();
    else channel.send({ type: 'stop', id: this.id });
    if (!channel.killable) return;
    task.grace ??= setTimeout(() => {
      if (this.task === task) void channel.end();
    }, graceToStop);
  }

  private died(how: string): void {
    this.channel = undefined;
    const code = this.closing === undefined ? 'RUNTIME_CRASH' : 'STOPPED';
    // Ctrl-C can reach a process before it has learnt to ignore it.
    this.finish((t) => end(t, t.ending ?? (how === 'signal SIGINT' ? 'STOPPED' : code), how));
  }

  private finish(settle: (task: Task) => void): void {
    const task = this.task;
    this.task = undefined;
    // A host that is being closed is waited for: a late message must not let the program end before it.
    if (this.closing === undefined) this.channel?.hold(false);
    if (task !== undefined) settle(task);
    this.closing?.();
    this.whenIdle();
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closing = resolve;
    if (this.task !== undefined && this.channel?.killable === false) {
      this.stop('STOPPED');
      await promise;
    }
    await this.channel?.end();
  }
}

function end(task: Task, code: 'STOPPED' | 'TIMEOUT' | 'RUNTIME_CRASH', how = ''): void {
  const { name, timeoutSeconds } = task.options;
  const [message, remedy] = {
    STOPPED: ['The work was stopped.', 'Start it again to finish it.'],
    TIMEOUT: [
      `The work took longer than its limit of ${timeoutSeconds} s.`,
      'Allow more time, or give it less to do.',
    ],
    RUNTIME_CRASH: [
      `The host of the work died (${how}).`,
      how === 'signal SIGKILL'
        ? 'Memory may have run out: use fewer hosts or smaller batches.'
        : 'The model or the job breaks its runtime: try it alone, or with another model.',
    ],
  }[code] as [string, string];
  const where = name ?? task.job.name;
  task.reject(new JobEnded(code, message, { where, remedy, partial: task.partial }));
}
