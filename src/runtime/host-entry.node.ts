import { enableCompileCache } from 'node:module';

// Everything else is loaded after: what was compiled once is read from the system's temporary folder from then on.
enableCompileCache();
await import('./host-serve.node.ts');
