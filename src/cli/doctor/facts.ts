import { readFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { decodePng, encodePng } from '../../data/index.ts';
import {
  type Device,
  devices,
  type Hosts,
  openHosts,
  tryDevice,
  tryFolder,
  version,
  versions,
} from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { neededNode } from '../node-version.ts';

/** What went wrong when something was tried; undefined where it works. */
export type Trouble = { message: string; remedy?: string } | undefined;

/** A machine and what is installed on it, as far as this package depends on them. */
export interface MachineFacts {
  node: { version: string; needed: string };
  /** Versions of this package and of the runtime, where that is installed. */
  versions: Record<string, string>;
  devices: Record<Device, Trouble>;
  codec: Trouble;
  /** Hardware threads that this process may use, and the processor's name. */
  threads: number;
  processor: string;
  /** Instruction sets by the names that the system gives them; undefined where it does not tell. */
  features: readonly string[] | undefined;
  /** Bytes: of the machine or what its container allows, and of these not in use. */
  memory: { total: number; free: number };
  folders: { name: string; path: string; trouble: Trouble }[];
}

/** Looks at this machine; tries what can be tried. */
export async function machineFacts(): Promise<MachineFacts> {
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  await using hosts = openHosts({ count: 1 });
  return {
    node: { version: process.version, needed: neededNode },
    versions: installed(),
    devices: await tryDevices(hosts),
    codec: await troubleOf(tryCodec()),
    threads: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? process.arch,
    features: await featuresOf(),
    memory: { total, free: Math.min(total, process.availableMemory()) },
    folders: [
      { name: 'working folder', path: process.cwd(), trouble: await troubleOf(tryFolder(process.cwd())) },
      { name: 'temporary folder', path: tmpdir(), trouble: await troubleOf(tryFolder(tmpdir())) },
    ],
  };
}

function installed(): Record<string, string> {
  try {
    return versions();
  } catch {
    return { advarena: version };
  }
}

async function tryDevices(hosts: Hosts): Promise<Record<Device, Trouble>> {
  const found: [Device, Trouble][] = [];
  for (const device of devices) found.push([device, await troubleOf(tryDevice(hosts, device, device))]);
  return Object.fromEntries(found) as Record<Device, Trouble>;
}

async function tryCodec(): Promise<void> {
  const image = { height: 1, width: 2, channels: 1, data: Uint8Array.of(7, 9) };
  const { data } = await decodePng(await encodePng(image), 'a PNG in memory');
  if (data.join() !== image.data.join()) throw new Error('A PNG came back with other levels');
}

async function troubleOf(work: Promise<void>): Promise<Trouble> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof AdvarenaError))
      return { message: (error as Error).message.split('\n', 1)[0] as string };
    return { message: error.message, ...(error.remedy !== undefined && { remedy: error.remedy }) };
  }
}

/** Linux alone tells them in a file. */
async function featuresOf(): Promise<string[] | undefined> {
  const text = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  return /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1]?.trim().split(/\s+/);
}
