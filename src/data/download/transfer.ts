import { version } from '../../runtime/index.ts';

/** Why an image did not come. */
export type MissingReason =
  | 'status'
  | 'host-unknown'
  | 'unreachable'
  | 'timeout'
  | 'cut-off'
  | 'too-large'
  | 'placeholder'
  | 'no-image'
  | 'damaged'
  | 'empty-box';

/** One image failed; the others go on. */
export class TransferError extends Error {
  readonly reason: MissingReason;
  /** Undefined where another try is of no use; else the seconds that the server asks to wait, or 0. */
  readonly retryAfter: number | undefined;

  constructor(reason: MissingReason, message: string, retryAfter?: number) {
    super(message);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export interface TransferOptions {
  fetch: typeof globalThis.fetch;
  /** Seconds without a byte after which a try ends. */
  timeoutSeconds: number;
  /** Further tries after one that failed for the moment. */
  retries: number;
  maxBytes: number;
}

/** @throws TransferError, or the signal's reason */
export type Get = (url: string, signal: AbortSignal) => Promise<Transferred>;

export interface Transferred {
  bytes: Uint8Array;
  /** Where it was, after redirects. */
  url: string;
  contentType: string;
}

/** A try ends after so many times `timeoutSeconds` even where bytes still trickle. */
const slowest = 20;
/** Waits between tries double from half a second; a server that asks for more than the longest is given up. */
const firstWait = 0.5;
const longestWait = 300;

/** Gets files over HTTP; a server that asks to wait is left alone by all who use the same getter. */
export function getter(options: TransferOptions): Get {
  const quietUntil = new Map<string, number>();
  return async (url, signal) => {
    const { host } = new URL(url);
    for (let tries = 0; ; tries++) {
      while ((quietUntil.get(host) ?? 0) > performance.now())
        await sleepUntil(quietUntil.get(host) ?? 0, signal);
      try {
        return await getOnce(url, options, signal);
      } catch (error) {
        if (!(error instanceof TransferError) || error.retryAfter === undefined) throw error;
        if (tries >= options.retries || error.retryAfter > longestWait) throw error;
        const wait = Math.max(error.retryAfter, Math.min(longestWait, firstWait * 2 ** tries));
        const until = performance.now() + wait * 1000;
        if (error.retryAfter > 0) quietUntil.set(host, Math.max(until, quietUntil.get(host) ?? 0));
        await sleepUntil(until, signal);
      }
    }
  };
}

async function getOnce(url: string, options: TransferOptions, signal: AbortSignal): Promise<Transferred> {
  const { timeoutSeconds, maxBytes } = options;
  const clock = new AbortController();
  const expire = () => clock.abort();
  let idle = setTimeout(expire, timeoutSeconds * 1000);
  const whole = setTimeout(expire, timeoutSeconds * 1000 * slowest);
  let begun = false;
  try {
    const response = await options.fetch(url, {
      headers: { accept: 'image/*', 'user-agent': `advarena/${version}` },
      signal: AbortSignal.any([signal, clock.signal]),
    });
    begun = true;
    const refused =
      refusal(url, response) ?? (announced(response) > maxBytes ? tooLarge(maxBytes) : undefined);
    if (refused !== undefined) {
      await response.body?.cancel();
      throw refused;
    }
    const bytes = await collect(response, maxBytes, () => {
      clearTimeout(idle);
      idle = setTimeout(expire, timeoutSeconds * 1000);
    });
    return { bytes, url: response.url || url, contentType: response.headers.get('content-type') ?? '' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransferError) throw error;
    if (clock.signal.aborted)
      throw new TransferError('timeout', `no answer, or too slow a one, within ${timeoutSeconds} s`, 0);
    throw failed(error, begun);
  } finally {
    clearTimeout(idle);
    clearTimeout(whole);
  }
}

/** What an answer other than the file itself means. */
function refusal(url: string, response: Response): TransferError | undefined {
  const { status, statusText } = response;
  if (!response.ok) {
    const passing = status >= 500 || status === 429 || status === 408;
    const text = `${status} ${statusText}`.trim();
    return new TransferError('status', text, passing ? retryAfter(response.headers) : undefined);
  }
  if (response.redirected && isPlaceholder(response.url) && !isPlaceholder(url))
    return new TransferError('placeholder', `the host shows ${response.url} instead`);
  return undefined;
}

/** Names that image hosts give to what they show in place of a picture that is gone. */
function isPlaceholder(url: string): boolean {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  return /unavailable|removed|deleted|missing|placeholder|no[-_]?(image|photo)|not[-_]?(found|available)/i.test(
    name,
  );
}

/** `Retry-After` in seconds, which servers also give as a date; 0 where there is none. */
function retryAfter(headers: Headers): number {
  const text = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? 0 : Math.max(0, seconds);
}

function announced(response: Response): number {
  return Number(response.headers.get('content-length') ?? 0);
}

function tooLarge(maxBytes: number): TransferError {
  return new TransferError('too-large', `more than ${maxBytes} bytes`);
}

async function collect(response: Response, maxBytes: number, onChunk: () => void): Promise<Uint8Array> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || value === undefined) break;
    onChunk();
    chunks.push(value);
    size += value.length;
    if (size <= maxBytes) continue;
    await reader?.cancel();
    throw tooLarge(maxBytes);
  }
  const encoded = response.headers.get('content-encoding') !== null;
  if (!encoded && size < announced(response))
    throw new TransferError('cut-off', `${size} of ${announced(response)} bytes came`, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** @param begun whether the server had answered */
function failed(error: unknown, begun: boolean): TransferError {
  if (!(error instanceof Error)) throw error;
  const cause = error.cause instanceof Error ? (error.cause as Error & { code?: string }) : undefined;
  const words = cause?.message || cause?.code || error.message;
  if (begun) return new TransferError('cut-off', words, 0);
  if (cause?.code === 'ENOTFOUND') return new TransferError('host-unknown', words);
  const settled = /redirect|scheme|cert|self.signed|issuer|altname|\bSSL\b|\bTLS\b/i.test(
    `${cause?.code} ${words}`,
  );
  return new TransferError('unreachable', words, settled ? undefined : 0);
}

/** @throws the signal's reason */
async function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  const wait = time - performance.now();
  signal.throwIfAborted();
  if (wait <= 0) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, wait);
    signal.addEventListener('abort', end);
  });
  signal.throwIfAborted();
}
