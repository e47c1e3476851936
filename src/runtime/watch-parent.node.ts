import { Worker } from 'node:worker_threads';

/** Milliseconds between two looks. */
const every = 250;

/**
 * Has this process killed soon after its parent is gone. From a thread of its own, as a run of ONNX Runtime or an
 * endless loop holds the main one; only a look at the parent's id tells in every case how it ended.
 */
export function watchParent(): void {
  const watcher = new Worker(
    `const { workerData: { parent, every } } = require('node:worker_threads');
     const isGone = () => {
       if (process.ppid !== parent) return true;
       try { process.kill(parent, 0); } catch (error) { return error.code === 'ESRCH'; }
       return false;
     };
     setInterval(() => { if (isGone()) process.kill(process.pid, 'SIGKILL'); }, every);`,
    { eval: true, workerData: { parent: process.ppid, every } },
  );
  // Without it a parent that is gone is noticed between two runs all the same.
  watcher.on('error', () => undefined);
  watcher.unref();
}
