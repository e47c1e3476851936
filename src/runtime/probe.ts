import { createSession } from '#session';
import { GraphBuilder } from '../onnx/index.ts';
import { tensor } from '../tensor/index.ts';
import type { Hosts } from './hosts.ts';
import type { Device } from './session.ts';

/**
 * Tries a device before long work is begun: in a host, for a driver that crashes takes its process along.
 * @param where what the work is, for the error
 * @throws AdvarenaError DEVICE naming what is missing, DEVICE_WRONG; JobEnded RUNTIME_CRASH
 */
export async function probeDevice(hosts: Hosts, device: Device, where: string): Promise<void> {
  if (device !== 'cpu') await tryDevice(hosts, device, where);
}

/**
 * Runs a small graph on a device, the CPU too, in a host.
 * @throws AdvarenaError as probeDevice, RUNTIME_LOAD; Error where the runtime's binary cannot be loaded
 */
export async function tryDevice(hosts: Hosts, device: Device, where: string): Promise<void> {
  await hosts.run({ module: import.meta.url, name: 'probe', data: { device, where } }, { name: where });
}

/** Runs in a host. */
export async function probe(data: unknown): Promise<void> {
  const { device, where } = data as { device: Device; where: string };
  const b = new GraphBuilder();
  b.output(b.op('Mul', [b.input('x', 'float32', ['N']), b.scalar(2)]), 'y');
  const session = await createSession(b.finish(), { name: where, device });
  await session.run({ x: tensor(Float32Array.of(1, -2, 3), [3], 'float32') });
  await session.release();
}
