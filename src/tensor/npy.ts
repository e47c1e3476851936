import { strToU8, unzipSync, type Zippable, zipSync } from 'fflate';
import { AdvarenaError } from './errors.ts';
import { type AnyTensor, allocate, type DType, sizeOf } from './tensor.ts';

const codes: Partial<Record<DType, string>> = {
  float16: 'f2',
  float32: 'f4',
  float64: 'f8',
  int8: 'i1',
  uint8: 'u1',
  int16: 'i2',
  uint16: 'u2',
  int32: 'i4',
  uint32: 'u4',
  int64: 'i8',
  uint64: 'u8',
  bool: 'b1',
};
const dtypes = new Map(Object.entries(codes).map(([dtype, code]) => [code, dtype as DType]));

/**
 * Reads a NumPy array file, format 1 to 3, either byte order, C or Fortran order (returned in C order).
 * @param name what messages call the file
 * @throws AdvarenaError NPY_INVALID (not such a file, or more than one array), NPY_TRUNCATED, NPY_TYPE (objects, strings, records, ...)
 */
export function readNpy(bytes: Uint8Array, name = 'array.npy'): AnyTensor {
  const header = readHeader(bytes, name);
  const match = /^([<>=|])([a-z]\d+)$/.exec(header.descr);
  const code = match?.[2] ?? '';
  const dtype = dtypes.get(code);
  if (dtype === undefined)
    throw new AdvarenaError('NPY_TYPE', `The element type ${header.descr} is not supported.`, {
      where: name,
      remedy: `Save the array with one of the types ${[...dtypes.values()].join(', ')}.`,
    });
  const { shape } = header;
  // Before memory is asked for: the header may say anything.
  const wanted = sizeOf(shape) * Number(code.slice(1));
  const found = bytes.length - header.end;
  if (found < wanted)
    throw new AdvarenaError(
      'NPY_TRUNCATED',
      `The file ends after ${found} of ${wanted} bytes of [${shape.join(', ')}] ${dtype}.`,
      { where: name, remedy: 'Copy or save the file again.' },
    );
  // numpy.load leaves it unread, and with it what a wrong shape leaves out.
  if (found > wanted)
    throw new AdvarenaError(
      'NPY_INVALID',
      `The file goes on for ${found - wanted} bytes behind the ${wanted} of [${shape.join(', ')}] ${dtype}.`,
      { where: name, remedy: 'Save one array to a file, or several with numpy.savez.' },
    );
  const data = allocate(dtype, sizeOf(shape)) as Uint8Array;
  const target = new Uint8Array(data.buffer);
  target.set(bytes.subarray(header.end, header.end + wanted));
  if (match?.[1] === '>') swapBytes(target, data.BYTES_PER_ELEMENT);
  const ordered = header.fortran ? toCOrder(data, shape) : data;
  return { dtype, shape, data: ordered } as unknown as AnyTensor;
}

/**
 * The bytes that `numpy.save` writes for the array: format 1.0, little-endian, C order.
 * @throws AdvarenaError NPY_TYPE for bfloat16 and string, which the format lacks
 */
export function writeNpy(t: AnyTensor): Uint8Array {
  const code = codes[t.dtype];
  if (code === undefined)
    throw new AdvarenaError('NPY_TYPE', `The NPY format has no element type ${t.dtype}.`, {
      remedy: 'Convert the tensor to float32 first.',
    });
  const order = code.endsWith('1') ? '|' : '<';
  const shape = t.shape.length === 1 ? `${t.shape[0]},` : t.shape.join(', ');
  let header = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${shape}), }`;
  // NumPy leaves room for the first axis to grow to 21 digits, then aligns the data at 64 bytes.
  if (t.shape.length > 0) header += ' '.repeat(21 - String(t.shape[0]).length);
  header += ' '.repeat(64 - ((header.length + 11) % 64));
  const data = t.data as Uint8Array;
  const out = new Uint8Array(11 + header.length + data.byteLength);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (header.length + 1) & 255, (header.length + 1) >> 8]);
  out.set(strToU8(`${header}\n`), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 11 + header.length);
  return out;
}

/**
 * Reads a `.npz` archive: its arrays by name, without the ending `.npy`.
 * @throws AdvarenaError NPZ_INVALID, or as {@link readNpy} with `archive: member` as the place
 */
export function readNpz(bytes: Uint8Array, name = 'arrays.npz'): Record<string, AnyTensor> {
  let members: Record<string, Uint8Array>;
  const names = new Set<string>();
  try {
    members = unzipSync(bytes, {
      filter(member) {
        // Of several, unpacking keeps the last.
        if (names.has(arrayName(member.name)))
          throw new Error(`the array ${arrayName(member.name)} is in it twice`);
        names.add(arrayName(member.name));
        // Before memory is asked for, as deflate cannot pack more tightly.
        if (member.originalSize <= tightest * (member.size + 16)) return true;
        throw new Error(`the member ${member.name} claims to hold ${member.originalSize} bytes`);
      },
    });
  } catch (cause) {
    throw new AdvarenaError('NPZ_INVALID', `Not a readable .npz archive: ${(cause as Error).message}.`, {
      where: name,
      remedy: 'Copy or save the file again.',
      cause,
    });
  }
  return Object.fromEntries(
    Object.entries(members).map(([member, content]) => [
      arrayName(member),
      readNpy(content, `${name}: ${member}`),
    ]),
  );
}

function arrayName(member: string): string {
  return member.replace(/\.npy$/, '');
}

/** An uncompressed `.npz` archive, as `numpy.savez` makes; the same arrays give the same bytes. */
export function writeNpz(arrays: Readonly<Record<string, AnyTensor>>): Uint8Array {
  const members: Zippable = {};
  for (const [name, t] of Object.entries(arrays)) members[`${name}.npy`] = writeNpy(t);
  // The archive stores local time: a local date gives the same bytes everywhere.
  return zipSync(members, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Bytes that a byte of deflate can stand for. */
const tightest = 1032;

/** Of an array in NumPy 2. */
const mostAxes = 64;

function readHeader(bytes: Uint8Array, name: string) {
  const invalid = (what: string) =>
    new AdvarenaError('NPY_INVALID', `Not a NumPy array file: ${what}.`, {
      where: name,
      remedy: 'Write it with numpy.save, or with writeNpy.',
    });
  const truncated = () =>
    new AdvarenaError('NPY_TRUNCATED', 'The file ends within its header.', {
      where: name,
      remedy: 'Copy or save the file again.',
    });
  if (String.fromCharCode(...bytes.subarray(0, 6)) !== '\x93NUMPY')
    throw invalid('it does not begin with \\x93NUMPY');
  const version = bytes[6] ?? 0;
  if (bytes.length < 12) throw truncated();
  if (version < 1 || version > 3) throw invalid(`format version ${version} is unknown`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < end) throw truncated();
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  const dictionary = text.trim();
  const whole = dictionary.startsWith('{') && dictionary.endsWith('}');
  // Of a key that stands twice NumPy takes the last.
  const keys = [...text.matchAll(/'([^']{0,99})' {0,9}:/g)].map(([, key = '']) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) throw invalid(`its header has '${twice}' twice`);
  // A list, of records, is not supported: its beginning is enough for the message.
  const descr = /'descr': {0,9}('[^']{0,99}'|\[[^\]]{0,99}\]?)/.exec(text)?.[1];
  const fortran = /'fortran_order': {0,9}(True|False)/.exec(text)?.[1];
  const [shape] = text.split(/'shape': {0,9}\(/, 2)[1]?.split(')', 1) ?? [];
  if (
    !whole ||
    keys.length > 3 ||
    descr === undefined ||
    fortran === undefined ||
    shape === undefined ||
    /[^\d, ]/.test(shape)
  )
    throw invalid(`its header is ${text.slice(0, 200).trim()}`);
  const axes = shape
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(Number);
  if (axes.length > mostAxes)
    throw invalid(`its shape has ${axes.length} axes, more than NumPy's ${mostAxes}`);
  const length = axes.find((axis) => !Number.isSafeInteger(axis));
  if (length !== undefined) throw invalid(`an axis of its shape has the length ${length}`);
  return { descr: descr.replaceAll("'", ''), fortran: fortran === 'True', shape: axes, end };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

function toCOrder(data: Uint8Array, shape: readonly number[]): Uint8Array {
  const out = data.slice();
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  let from = 0;
  for (let to = 0; to < out.length; to++) {
    out[to] = data[from] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
