import { enableCompileCache, registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';

/** Runs the command lines given on stdin one after another in this process: starting anew would cost a second each. */
if (process.argv.includes('--keep-hosts'))
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === '#host' ? new URL('kept-hosts.ts', import.meta.url).href : specifier, context),
  });
enableCompileCache();
const { cli } = await import('../src/cli/index.ts');
const lines = JSON.parse(await text(process.stdin)) as string[];
const ended: { out: string; err: string; code: number }[] = [];
const streams = [process.stdout, process.stderr] as const;
const writes = streams.map((stream) => stream.write.bind(stream));
for (const line of lines) {
  const printed = ['', ''];
  streams.forEach((stream, i) => {
    stream.write = (chunk: string | Uint8Array) => {
      printed[i] += String(chunk);
      return true;
    };
  });
  process.exitCode = 0;
  await cli(line.split(' '));
  const [out = '', err = ''] = printed;
  ended.push({ out, err, code: process.exitCode });
}
streams.forEach((stream, i) => {
  stream.write = writes[i] as typeof stream.write;
});
process.exitCode = 0;
process.stdout.write(JSON.stringify(ended));
