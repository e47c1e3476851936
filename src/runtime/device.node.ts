import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { AdvarenaError } from '../tensor/index.ts';
import type { Device } from './session.ts';

/** What the install script of onnxruntime-node downloads for CUDA. */
const cudaProviders = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'];
/** What these need of the system: the driver, CUDA 12 and cuDNN 9. */
const cudaLibraries = ['libcuda.so.1', 'libcudart.so.12', 'libcublasLt.so.12', 'libcudnn.so.9'];
const vulkanLoader = 'libvulkan.so.1';

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
  const folder = join(packageFolder(), 'bin', 'napi-v6', process.platform, process.arch);
  const missing = cudaProviders.filter((file) => !existsSync(join(folder, file)));
  if (device === 'cuda' && missing.length > 0)
    throw unusable(
      device,
      `${missing.join(' and ')} must be fetched into ${folder}`,
      where,
      `Run "node ${join(packageFolder(), 'script', 'install')} --onnxruntime-node-install=cuda12", which downloads that, or use the device cpu.`,
    );
  if (device === 'webgpu' && !loads(vulkanLoader))
    throw unusable(
      device,
      `the Vulkan loader ${vulkanLoader} is not installed`,
      where,
      "Install it (on Debian and Ubuntu: apt-get install libvulkan1) and the graphics card's Vulkan driver, or use the device cpu.",
    );
}

/** Why a session could not be made on a device whose first libraries are there. */
export function explainDevice(device: Device, reason: string, where: string, cause: unknown): AdvarenaError {
  if (device === 'webgpu' && /adapter/i.test(reason))
    return unusable(
      device,
      'no graphics card with a suitable driver was found',
      where,
      'Install the driver of the card (on Linux its Vulkan driver: "vulkaninfo --summary" must list it), or use the device cpu.',
      cause,
    );
  const missing =
    device === 'cuda' && process.platform === 'linux' ? cudaLibraries.filter((l) => !loads(l)) : [];
  if (missing.length > 0)
    return unusable(
      device,
      `the system has no ${missing.join(', ')}`,
      where,
      'Install the NVIDIA driver, CUDA 12 and cuDNN 9, name their folders in LD_LIBRARY_PATH, or use the device cpu.',
      cause,
    );
  return unusable(device, reason, where, 'Use the device cpu.', cause);
}

function unusable(
  device: Device,
  reason: string,
  where: string,
  remedy = 'Use the device cpu.',
  cause?: unknown,
): AdvarenaError {
  return new AdvarenaError('DEVICE', `The device ${device} cannot be used: ${reason.replace(/\.$/, '')}.`, {
    where,
    remedy,
    cause,
  });
}

function packageFolder(): string {
  return dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')));
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
