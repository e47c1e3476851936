export {
  baseName,
  dirName,
  exists,
  hmac,
  isFile,
  isFolder,
  joinPath,
  listFolder,
  makeFolder,
  readFile,
  readFileSync,
  readPartSync,
  realPathSync,
  settledPath,
  sha256,
  sweepTemporary,
  tryFolder,
  writeFileAtomic,
  writeFileOnce,
} from '#files';
export { defaultHosts } from '#host';
export { createSession } from '#session';
export type { Files } from './files.ts';
export type { HostKind, Job, JobContext, JobFunction } from './host.ts';
export { JobEnded, planShards } from './host.ts';
export type { Hosts, HostsOptions, JobOptions } from './hosts.ts';
export { openHosts } from './hosts.ts';
export { type Outputs, openOutputs, type Places } from './outputs.ts';
export { probeDevice, tryDevice } from './probe.ts';
export * from './session.ts';
export { readText } from './text.ts';
export { version, versions } from './version.ts';
