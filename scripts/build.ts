import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

// What a removed source file had left there would be published for ever.
rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], { stdio: 'inherit' });
if (status === 0) chmodSync('dist/cli/main.js', 0o755);
process.exitCode = status ?? 1;
