import { enableCompileCache, registerHooks } from 'node:module';

/**
 * Runs the command lines that are sent to it, one after another in this process: starting anew would cost a second
 * each.
 */
if (process.argv.includes('--keep-hosts'))
  registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === '#host' ? new URL('kept-hosts.ts', import.meta.url).href : specifier, context),
  });
enableCompileCache();
const { cli } = await import('../src/cli/index.ts');
const streams = [process.stdout, process.stderr] as const;

async function run(line: string): Promise<{ out: string; err: string; code: number }> {
  const printed = ['', ''];
  const writes = streams.map((stream) => stream.write.bind(stream));
  streams.forEach((stream, i) => {
    stream.write = (chunk: string | Uint8Array) => {
      printed[i] += String(chunk);
      return true;
    };
  });
  process.exitCode = 0;
  await cli(line.split(' '));
  streams.forEach((stream, i) => {
    stream.write = writes[i] as typeof stream.write;
  });
  const [out = '', err = ''] = printed;
  const code = process.exitCode;
  process.exitCode = 0;
  return { out, err, code };
}

process.on('message', async (lines: readonly string[]) => {
  const ended = [];
  for (const line of lines) ended.push(await run(line));
  process.send?.(ended);
});
process.on('disconnect', () => process.exit());
