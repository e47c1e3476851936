import { AdvarenaError } from '../tensor/index.ts';

/** Work for a host, as plain data: an exported async function of a module, called with `data`. */
export interface Job {
  /** URL of the module: `import.meta.url` of the file that holds the function is right in sources and when built. */
  module: string;
  /** Name of the exported function, a {@link JobFunction}. */
  name: string;
  /** Anything that can be cloned between threads; typed arrays are copied, of views only what they show. */
  data: unknown;
}

/** What a job runs as: result and progress must be cloneable like `data`. */
export type JobFunction<Data, Result> = (data: Data, context: JobContext) => Promise<Result>;

export interface JobContext {
  /** Sends a value to the caller's `onProgress`; the last one is also the `partial` of {@link JobEnded}. */
  readonly progress: (value: unknown) => void;
  /**
   * The one place where a job can be stopped: call it between runs.
   * @throws JobEnded STOPPED if a stop was asked for
   */
  readonly pause: () => Promise<void>;
  /** Lives as long as the host: compiled sessions, loaded models. */
  readonly cache: Map<string, unknown>;
}

/**
 * A job that did not come to its own end: STOPPED, TIMEOUT or RUNTIME_CRASH. `where` is the name of the work.
 */
export class JobEnded extends AdvarenaError {
  /** The last value given to `progress`, undefined if there was none. */
  readonly partial: unknown;

  constructor(
    code: 'STOPPED' | 'TIMEOUT' | 'RUNTIME_CRASH',
    message: string,
    details: { where?: string; remedy?: string; partial?: unknown } = {},
  ) {
    super(code, message, { ...details, broken: code !== 'STOPPED' });
    this.name = 'JobEnded';
    this.partial = details.partial;
  }
}

/**
 * `thread` shares this process: a native crash takes everything along and a run cannot be broken off. `process`, the
 * default, survives both. Measured with two hosts on two cores (ResNet-20, 32 x 32, sources): steps per second are
 * equal; a process gives its first result about 0.6 s later and 10 MB there and back cost it about 0.1 s more,
 * little beside the seconds of a shard.
 */
export type HostKind = 'thread' | 'process';

/** Messages to a host. Jobs are numbered, so that a late message is not taken for the next job's. */
export type ToHost = { type: 'run'; id: number; job: Job } | { type: 'stop'; id: number };

/** Messages from a host. */
export type FromHost =
  | { type: 'started'; id: number }
  | { type: 'progress'; id: number; value: unknown }
  | { type: 'done'; id: number; value: unknown }
  | { type: 'failed'; id: number; error: PackedError };

/** Errors lose their class and fields between threads, so they travel as plain data. */
export interface PackedError {
  name: string;
  message: string;
  stack: string | undefined;
  advarena?: ReturnType<AdvarenaError['toJSON']>;
}

export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  const packed = { name: error.name, message: error.message, stack: error.stack };
  return error instanceof AdvarenaError ? { ...packed, advarena: error.toJSON() } : packed;
}

export function unpackError(packed: PackedError): Error {
  const error =
    packed.advarena === undefined ? new Error(packed.message) : AdvarenaError.fromJSON(packed.advarena);
  error.name = packed.name;
  if (packed.stack !== undefined) error.stack = packed.stack;
  return error;
}

/** One live thread or process, as its backend offers it. */
export interface Channel {
  /** Whether it can be ended within a run. */
  readonly killable: boolean;
  /** @throws if the message cannot be cloned */
  send(message: ToHost): void;
  /** Whether it keeps this program alive: idle hosts do not. */
  hold(busy: boolean): void;
  /** Ends it. A thread must be idle: ended within a run it takes the whole process along. */
  end(): Promise<void>;
}

/** What a channel tells; `onEnd` comes once, at a crash too, and says how it ended: `signal SIGSEGV`. */
export interface ChannelEvents {
  onMessage(message: FromHost): void;
  onEnd(how: string): void;
}

/**
 * Cuts `count` rows into equal shards of at most `rowsPerShard`, as many as keep all hosts busy to the end.
 * @returns half-open ranges [from, to) in order; none for no rows
 */
export function planShards(count: number, hosts: number, rowsPerShard: number): [from: number, to: number][] {
  const rounds = Math.ceil(count / rowsPerShard / hosts);
  const shards = Math.min(count, rounds * hosts);
  return Array.from({ length: shards }, (_, i) => [
    Math.floor((i * count) / shards),
    Math.floor(((i + 1) * count) / shards),
  ]);
}
