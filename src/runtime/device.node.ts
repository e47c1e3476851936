import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AdvarenaError } from '../tensor/index.ts';
import type { Device } from './session.ts';

/**
 * Looks for the libraries of a device before the runtime does: its own search prints to stderr and its errors name
 * none of them.
 * @throws AdvarenaError DEVICE naming what is missing
 */
export function checkDevice(device: Device, bundled: readonly { name: string }[], where: string): void {
  if (device === 'cpu') return;
  if (!bundled.some((b) => b.name === device))
    throw unusable(device, `ONNX Runtime has no ${device} on ${process.platform}-${process.arch}`, where);
  if (process.platform !== 'linux') return;
  if (device === 'cuda' && !existsSync(join(binaries(), 'libonnxruntime_providers_cuda.so')))
    throw unusable(
      device,
      'the CUDA libraries of onnxruntime-node are not installed',
      where,
      'Let the install script of onnxruntime-node run (it downloads them), or use the device cpu.',
    );
  if (device === 'webgpu' && !loads('libvulkan.so.1'))
    throw unusable(
      device,
      'libvulkan.so.1 is not installed',
      where,
      'Install a Vulkan loader and a driver of the graphics card, or use the device cpu.',
    );
}

export function unusable(
  device: Device,
  reason: string,
  where: string,
  remedy = 'Use the device cpu.',
  cause?: unknown,
): AdvarenaError {
  return new AdvarenaError('DEVICE', `The device ${device} cannot be used: ${reason}.`, {
    where,
    remedy,
    cause,
  });
}

function binaries(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

/** Whether the system's linker finds a library: one that is there but no Node add-on fails with another message. */
function loads(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library);
    return true;
  } catch (error) {
    return !/cannot open shared object file/.test((error as Error).message);
  }
}
