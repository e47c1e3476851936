#!/usr/bin/env node
import module from 'node:module';
import { isAtLeast, neededNode } from './node-version.ts';

// Everything else is loaded after: older versions would fail within it.
if (isAtLeast(process.version, neededNode)) {
  // What was compiled once is read from the system's temporary folder from then on: starting takes half the time.
  module.enableCompileCache();
  void import('./start.ts');
} else {
  const message = `advarena needs Node ${neededNode} or newer, and this is ${process.version}: get it from https://nodejs.org.`;
  const json = process.argv.includes('--json');
  process.stderr.write(`${json ? JSON.stringify({ error: { code: 'NODE_VERSION', message } }) : message}\n`);
  process.exitCode = 1;
}
