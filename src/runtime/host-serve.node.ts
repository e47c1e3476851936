import { flushCompileCache } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import type { FromHost, ToHost } from './host.ts';
import { serve } from './serve.ts';
import { watchParent } from './watch-parent.node.ts';

// Coverage does not see this file, which runs in threads and child processes only: it stays this short.
if (parentPort === null) {
  // Ctrl-C reaches every process of the terminal; the parent decides what it means.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit());
  watchParent();
  // A reader that is gone must not end the work, nor leave a trace of it.
  const ignore = (): void => undefined;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignore);
  const receive = serve((message: FromHost) => {
    // The job's modules are loaded. At its end it would be too late: hosts are killed.
    if (message.type === 'started') flushCompileCache();
    process.send?.(message, ignore);
  }, setImmediate);
  process.on('message', (message) => receive(message as ToHost));
} else {
  const port = parentPort;
  const receive = serve((message: FromHost) => {
    const bytes = serialize(message);
    port.postMessage(bytes, [bytes.buffer]);
  }, setImmediate);
  port.on('message', (bytes: Uint8Array) => receive(deserialize(bytes) as ToHost));
}
