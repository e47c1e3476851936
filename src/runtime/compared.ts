import { AdvarenaError, type AnyTensor, numbers } from '../tensor/index.ts';
import type { Device, Session } from './session.ts';

/** Largest distance of a tensor from the CPU's, relative to the norm of that. */
const distance = 0.1;
/** An element is off when it differs by more than this share of the largest one. */
const off = 0.01;
/** Largest share of elements that may be off: activations at a kink fall to either side, and move part of a gradient. */
const share = 0.25;

/**
 * A session of a device whose answers are compared with the CPU's at the first run of every combination of input
 * shapes: kernels of GPUs are chosen by shapes, and some have been seen to be wrong without an error. Rounding passes,
 * also where it flips activations of ReLU (in MobileNetV2 with random weights 18 % of a gradient's elements by up to
 * 2 % of the largest, between correct runtimes); what a wrong kernel makes of a network does not.
 * @param reference the same graph on the CPU; opened at the first run
 * @returns a session whose `run` also throws AdvarenaError DEVICE_WRONG naming the output
 */
export function compared(
  session: Session,
  reference: () => Promise<Session>,
  { name, device }: { name: string; device: Device },
): Session {
  const checked = new Set<string>();
  let opened: Promise<Session> | undefined;
  return {
    ...session,
    async run(inputs, outputs, into) {
      const found = await session.run(inputs, outputs, into);
      const key = JSON.stringify([Object.entries(inputs).map(([n, t]) => [n, t.shape]), outputs]);
      if (checked.has(key)) return found;
      opened ??= reference();
      const expected = await (await opened).run(inputs, outputs);
      for (const [output, t] of Object.entries(expected)) {
        const difference = disagreement(found[output] as AnyTensor, t);
        if (difference === undefined) continue;
        throw new AdvarenaError(
          'DEVICE_WRONG',
          `The device ${device} computes the output "${output}" wrongly: ${difference}.`,
          {
            where: name,
            remedy: 'Use the device cpu for this model, or another driver.',
            broken: true,
          },
        );
      }
      checked.add(key);
      return found;
    },
    async release() {
      await session.release();
      await (await opened?.catch(() => undefined))?.release();
    },
  };
}

/** In words, how far a tensor lies from its reference; undefined where both may come from correct kernels. */
export function disagreement(found: AnyTensor, reference: AnyTensor): string | undefined {
  if (found.shape.join() !== reference.shape.join())
    return `its shape is [${found.shape.join(', ')}], on the CPU [${reference.shape.join(', ')}]`;
  const [a, b] = [numbers(found), numbers(reference)];
  const differences = new Float64Array(b.length);
  let [squares, norm, largest] = [0, 0, 0];
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    // Where the CPU has no number either, there is nothing to compare.
    if (!Number.isFinite(y)) continue;
    const d = Math.abs(x - y);
    differences[i] = d;
    squares += d * d;
    norm += y * y;
    largest = Math.max(largest, Math.abs(y));
  }
  // Sums of terms that cancel out are zero to rounding alone.
  const tiny = 1e-6 * Math.sqrt(b.length);
  const error = Math.sqrt(squares);
  const many = differences.filter((d) => d > off * largest).length / Math.max(1, b.length);
  if (error <= tiny || (error <= distance * Math.sqrt(norm) && many <= share)) return undefined;
  if (!Number.isFinite(error)) return 'it is not finite where the CPU has numbers';
  const percent = (v: number): string => `${v >= 0.1 ? Math.round(100 * v) : (100 * v).toPrecision(2)} %`;
  return `${percent(many)} of its elements differ from the CPU's, in norm by ${norm === 0 ? error.toPrecision(2) : percent(error / Math.sqrt(norm))}`;
}
