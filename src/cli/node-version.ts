import { createRequire } from 'node:module';

// Old versions read this file to the end: neither new syntax nor other imports.

/** The oldest Node that runs this package, as package.json says: `24.15`. */
export const neededNode: string = (
  createRequire(import.meta.url)('../../package.json') as { engines: { node: string } }
).engines.node.replace(/^>=/, '');

/** Whether a version, `v24.15.0`, is at least another, `24.15`. */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string): number[] => text.replace(/^v/, '').split('.').map(Number);
  const [major = 0, minor = 0] = numbers(version);
  const [leastMajor = 0, leastMinor = 0] = numbers(least);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
