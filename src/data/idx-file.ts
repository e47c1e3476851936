import { readFile } from '../runtime/index.ts';
import { AdvarenaError, type Tensor, tensor } from '../tensor/index.ts';

/** Whether a file's name is that of an idx file: `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz`, `x.idx`. */
export function isIdx(path: string): boolean {
  return /(\.idx|[-.]idx\d(-ubyte)?)(\.gz)?$/i.test(path);
}

const otherTypes: Record<number, string> = {
  9: 'signed bytes',
  11: 'int16',
  12: 'int32',
  13: 'float32',
  14: 'float64',
};

/**
 * Reads an idx file of unsigned bytes, gzipped or not: two zero bytes, type 8, number of axes, then each axis'
 * length as a big-endian uint32, then the values (LeCun's description of MNIST).
 * @throws AdvarenaError IDX_INVALID: cut off, longer than its header says, another type or kind of file
 */
export async function readIdx(path: string): Promise<Tensor<'uint8'>> {
  const bytes = await unzipped(await readFile(path), path);
  const refuse = (message: string, at: number): never => {
    throw new AdvarenaError('IDX_INVALID', message, {
      where: `${path}, byte ${at}`,
      remedy: 'Get the file again; images and labels are idx files of unsigned bytes.',
    });
  };
  const [zero = -1, second = -1, type = -1, axes = -1] = bytes;
  if (zero !== 0 || second !== 0)
    refuse(`An idx file begins with two zero bytes, this one with ${hex(bytes.subarray(0, 2))}.`, 0);
  if (type !== 8) {
    const what = otherTypes[type] ?? 'no type of the format';
    refuse(`The values are of type ${hex(bytes.subarray(2, 3))} (${what}), not 08 (unsigned bytes).`, 2);
  }
  const start = 4 + 4 * axes;
  if (axes === 0) refuse('The header announces no axes.', 3);
  if (axes < 0 || bytes.length < start) refuse('The file ends within its header.', bytes.length);
  const shape = shapeOf(bytes, axes);
  const announced = shape.reduce((product, length) => product * length, 1);
  const found = bytes.length - start;
  if (announced !== found) {
    const follow = found > announced ? 'more' : String(found);
    refuse(`The header announces ${shape.join(' x ')} = ${announced} values, but ${follow} follow it.`, 4);
  }
  return tensor(new Uint8Array(bytes.subarray(start)), shape, 'uint8');
}

/** By the content: browsers unpack some downloads and leave them the name. */
async function unzipped(bytes: Uint8Array, path: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const packed = new Blob([new Uint8Array(bytes)]).stream();
    // The platform's, since it compares length and checksum with those in the file.
    return await takeAnnounced(packed.pipeThrough(new DecompressionStream('gzip')));
  } catch (cause) {
    throw new AdvarenaError('IDX_INVALID', 'The gzip file is cut off or damaged.', {
      where: path,
      remedy: 'Get the file again.',
      cause,
    });
  }
}

/**
 * What a stream holds, but no more than one byte beyond what the header announces: a small file can unpack to any
 * size.
 */
async function takeAnnounced(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let start = new Uint8Array(0);
  let length = 0;
  for await (const part of stream) {
    parts.push(part);
    length += part.length;
    if (start.length < mostHeader) start = concat([start, part]).slice(0, mostHeader);
    const most = announcedBytes(start) + 1;
    if (length > most) return concat(parts).slice(0, most);
  }
  return concat(parts);
}

/** Of 255 axes. */
const mostHeader = 4 + 4 * 255;

/** Bytes of a file whose header is in `start`; infinitely many where that is too short to say. */
function announcedBytes(start: Uint8Array): number {
  const { length } = start;
  const axes = start[3] ?? 255;
  if (length < 4 + 4 * axes) return Number.POSITIVE_INFINITY;
  return 4 + 4 * axes + shapeOf(start, axes).reduce((product, axis) => product * axis, 1);
}

function shapeOf(bytes: Uint8Array, axes: number): number[] {
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: axes }, (_, i) => header.getUint32(4 + 4 * i));
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function hex(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'nothing' : [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ');
}
