import { runTournament } from '../src/arena/index.ts';
import { openHosts } from '../src/runtime/index.ts';

// A tournament in a process of its own, for tests that kill it: one line per step as it starts and as it is kept.
const [file = '', out = ''] = process.argv.slice(2);
const started = new Set<string>();
await using hosts = openHosts({ count: 2, kind: 'thread' });
await runTournament(file, {
  out,
  hosts,
  onProgress({ running, finished }) {
    for (const { id } of running) {
      if (started.has(id)) continue;
      started.add(id);
      process.stdout.write(`started ${id}\n`);
    }
    if (finished !== undefined) process.stdout.write(`finished ${finished}\n`);
  },
});
process.stdout.write('done\n');
