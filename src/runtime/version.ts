import { runtimeVersion } from '#session';
import type { Device } from './session.ts';

/** Version of this package; part of every step's identity, for other code may find other figures. */
export const version = '0.2.0';

/**
 * What figures may depend on beside what was asked for: part of every result, and of every step's id. So is a device
 * other than the CPU: its records and those of the CPU never meet.
 */
export function versions(device: Device = 'cpu'): Record<string, string> {
  return {
    advarena: version,
    'onnxruntime-node': runtimeVersion(),
    ...(device === 'cpu' ? {} : { device }),
  };
}
