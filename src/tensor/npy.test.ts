import { strToU8, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import {
  AdvarenaError,
  type AnyTensor,
  allocate,
  type DType,
  readNpy,
  readNpz,
  type Tensor,
  tensor,
  writeNpy,
  writeNpz,
} from './index.ts';

/** What numpy.save wrote for arange(6, dtype=float32).reshape(2, 3) / 4. */
const fromNumpy = Buffer.from(
  '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c' +
    '20277368617065273a2028322c2033292c207d20202020202020202020202020202020202020202020202020202020202020' +
    '2020202020202020202020202020202020202020202020202020200a000000000000803e0000003f0000403f0000803f0000' +
    'a03f',
  'hex',
);

function file(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = strToU8(`${header}\n`);
  const out = new Uint8Array((version === 1 ? 10 : 12) + text.length + data.length);
  out.set([0x93, ...strToU8('NUMPY'), version, 0]);
  const view = new DataView(out.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  out.set(text, out.length - data.length - text.length);
  out.set(data, out.length - data.length);
  return out;
}

function header(descr: string): string {
  return `{'descr': ${descr}, 'fortran_order': False, 'shape': (2,), }`;
}

function caught(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (error instanceof AdvarenaError) return error.toJSON();
    throw error;
  }
  return undefined;
}

describe('npy', () => {
  test('reads and writes the bytes of numpy.save', () => {
    const t: Tensor = tensor(Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25), [2, 3]);
    expect(readNpy(fromNumpy)).toEqual(t);
    expect(Buffer.from(writeNpy(t))).toEqual(fromNumpy);
  });

  test.for([
    [[], "{'descr': '<i8', 'fortran_order': False, 'shape': (), }"],
    [[1], "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }"],
    [[1, 1, 1], "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 1, 1), }"],
  ] as [number[], string][])('header of shape %o', ([shape, header]) => {
    const bytes = writeNpy(tensor(BigInt64Array.of(7n), shape, 'int64'));
    expect(Buffer.from(bytes.subarray(10, 128)).toString()).toBe(`${header.padEnd(117)}\n`);
    expect(bytes.length).toBe(136);
    expect(readNpy(bytes).shape).toEqual(shape);
  });

  test('every element type returns, also from an odd offset', () => {
    const types: DType[] = [
      ...(['float16', 'float32', 'float64', 'int8', 'uint8', 'int16', 'uint16'] as const),
      ...(['int32', 'uint32', 'int64', 'uint64', 'bool'] as const),
    ];
    for (const dtype of types) {
      const data = allocate(dtype, 6);
      new Uint8Array((data as Uint8Array).buffer).forEach((_, i, all) => {
        all[i] = dtype === 'bool' ? i % 2 : (i * 37) % 120;
      });
      const t = { dtype, shape: [3, 2], data } as unknown as AnyTensor;
      const bytes = writeNpy(t);
      const shifted = new Uint8Array(bytes.length + 3);
      shifted.set(bytes, 3);
      expect(readNpy(shifted.subarray(3))).toEqual(t);
    }
  });

  test('big-endian, Fortran order, versions 2 and 3, empty arrays', () => {
    const big = file(
      "{'descr': '>i2', 'fortran_order': False, 'shape': (3,), }",
      Uint8Array.of(0, 1, 1, 0, 255, 254),
    );
    expect(readNpy(big)).toEqual({ dtype: 'int16', shape: [3], data: Int16Array.of(1, 256, -2) });
    for (const version of [2, 3]) {
      const header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 2), }";
      const data = Uint8Array.of(0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11);
      expect(readNpy(file(header, data, version))).toEqual({
        dtype: 'uint8',
        shape: [2, 3, 2],
        data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
      });
    }
    const empty = tensor(new Float32Array(0), [0, 3]);
    expect(readNpy(writeNpy(empty))).toEqual(empty);
  });

  test('a header is no reason to ask for memory or time', () => {
    const claims = (shape: string): unknown =>
      caught(() =>
        readNpy(
          file(`{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }`, new Uint8Array(9), 2),
          'a.npy',
        ),
      );
    const started = performance.now();
    expect(claims('400000000000, 3')).toMatchObject({
      code: 'NPY_TRUNCATED',
      message: 'The file ends after 9 of 1200000000000 bytes of [400000000000, 3] uint8.',
    });
    expect(claims('18446744073709551616, 3')).toMatchObject({
      code: 'NPY_INVALID',
      message: 'Not a NumPy array file: an axis of its shape has the length 18446744073709552000.',
    });
    expect(claims('1,'.repeat(65))).toMatchObject({
      code: 'NPY_INVALID',
      message: "Not a NumPy array file: its shape has 65 axes, more than NumPy's 64.",
    });
    expect(claims('3 3')).toMatchObject({ code: 'NPY_INVALID' });
    for (const text of ["'descr': [", "'shape': (", "'shape': (4, 4, 'descr': '", "'descr':           "]) {
      const bytes = file(text.repeat(20_000), new Uint8Array(9), 3);
      const said = caught(() => readNpy(bytes, 'a.npy')) as { code: string; message: string };
      expect(said.code).toBe('NPY_INVALID');
      expect(said.message.length).toBeLessThan(300);
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('errors name the file and the cause', () => {
    expect([
      caught(() => readNpy(strToU8('PK\x03\x04 something else'), 'a.npy')),
      caught(() => readNpy(fromNumpy.subarray(0, 50), 'a.npy')),
      caught(() => readNpy(fromNumpy.subarray(0, 9), 'a.npy')),
      caught(() => readNpy(fromNumpy.subarray(0, -1), 'a.npy')),
      caught(() => readNpy(file(header("'|O'"), new Uint8Array(16)), 'a.npy')),
      caught(() => readNpy(file(header("[('a', '<i4')]"), new Uint8Array(16)), 'a.npy')),
      caught(() => readNpy(file('{}', new Uint8Array(16)), 'a.npy')),
      caught(() => readNpy(file(header("'<f4'"), new Uint8Array(16), 4), 'a.npy')),
      caught(() => writeNpy(tensor(['a'], [1], 'string'))),
      caught(() => readNpz(strToU8('no archive'), 'a.npz')),
      caught(() => readNpz(zipSync({ 'x.npy': strToU8('no array') }), 'a.npz')),
    ]).toMatchInlineSnapshot(`
      [
        {
          "code": "NPY_INVALID",
          "message": "Not a NumPy array file: it does not begin with \\x93NUMPY.",
          "remedy": "Write it with numpy.save, or with writeNpy.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TRUNCATED",
          "message": "The file ends within its header.",
          "remedy": "Copy or save the file again.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TRUNCATED",
          "message": "The file ends within its header.",
          "remedy": "Copy or save the file again.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TRUNCATED",
          "message": "The file ends after 23 of 24 bytes of [2, 3] float32.",
          "remedy": "Copy or save the file again.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TYPE",
          "message": "The element type |O is not supported.",
          "remedy": "Save the array with one of the types float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TYPE",
          "message": "The element type [(a, <i4)] is not supported.",
          "remedy": "Save the array with one of the types float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool.",
          "where": "a.npy",
        },
        {
          "code": "NPY_INVALID",
          "message": "Not a NumPy array file: its header is {}.",
          "remedy": "Write it with numpy.save, or with writeNpy.",
          "where": "a.npy",
        },
        {
          "code": "NPY_INVALID",
          "message": "Not a NumPy array file: format version 4 is unknown.",
          "remedy": "Write it with numpy.save, or with writeNpy.",
          "where": "a.npy",
        },
        {
          "code": "NPY_TYPE",
          "message": "The NPY format has no element type string.",
          "remedy": "Convert the tensor to float32 first.",
        },
        {
          "code": "NPZ_INVALID",
          "message": "Not a readable .npz archive: invalid zip data.",
          "remedy": "Copy or save the file again.",
          "where": "a.npz",
        },
        {
          "code": "NPY_INVALID",
          "message": "Not a NumPy array file: it does not begin with \\x93NUMPY.",
          "remedy": "Write it with numpy.save, or with writeNpy.",
          "where": "a.npz: x.npy",
        },
      ]
    `);
  });
});

test('what could be read in two ways is refused', () => {
  const [order, shape] = ["'fortran_order': False", "'shape': (2,)"];
  const said = (text: string, data = new Uint8Array(8)): string | undefined =>
    (caught(() => readNpy(file(text, data), 'a.npy')) as { message?: string } | undefined)?.message;
  expect(said(`{${shape}, ${order}, 'descr': '<f4'}`)).toBe(undefined);
  expect(
    [
      `{'descr': '<f4', 'descr': '<i4', ${order}, ${shape}, }`,
      `{'descr': '<f4', ${order}, ${shape}, 'shape' : (1, 2), }`,
      `{'descr': '<f4', ${order}, ${shape}, 'fortran_order': True, }`,
      `{'descr': '<f4', ${order}, ${shape}, 'name': 1}`,
      `{'descr': '<f4', ${order}, ${shape}} 1`,
    ].map((text) => said(text)),
  ).toEqual([
    "Not a NumPy array file: its header has 'descr' twice.",
    "Not a NumPy array file: its header has 'shape' twice.",
    "Not a NumPy array file: its header has 'fortran_order' twice.",
    "Not a NumPy array file: its header is {'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'name': 1}.",
    "Not a NumPy array file: its header is {'descr': '<f4', 'fortran_order': False, 'shape': (2,)} 1.",
  ]);
  const longer = 'The file goes on for 1 bytes behind the 8 of [2] float32.';
  expect(said(header("'<f4'"), new Uint8Array(9))).toBe(longer);
  const long = file(header("'<f4'"), new Uint8Array(9));
  expect(caught(() => readNpz(zipSync({ 'x.npy': long }), 'a.npz'))).toMatchObject({
    code: 'NPY_INVALID',
    message: longer,
    where: 'a.npz: x.npy',
    remedy: 'Save one array to a file, or several with numpy.savez.',
  });
});

test('npz: a name that stands for two arrays', () => {
  const x = writeNpy(tensor(new Float32Array(1), [1]));
  const twice = zipSync({ 'x.npy': x, 'y.npy': x });
  // The same name in the member and in the directory.
  for (let i = 0; i < twice.length - 4; i++)
    if (Buffer.from(twice.subarray(i, i + 5)).toString() === 'y.npy') twice[i] = 'x'.charCodeAt(0);
  for (const bytes of [twice, zipSync({ 'x.npy': x, x })])
    expect(caught(() => readNpz(bytes, 'a.npz'))).toMatchObject({
      code: 'NPZ_INVALID',
      message: 'Not a readable .npz archive: the array x is in it twice.',
      where: 'a.npz',
    });
});

test('npz: arrays by name, the same bytes each time', () => {
  const arrays = {
    images: tensor(new Float32Array(8).fill(0.5), [2, 4]),
    'b/c': tensor(Uint8Array.of(1), [], 'bool'),
  };
  const bytes = writeNpz(arrays);
  expect(readNpz(bytes)).toEqual(arrays);
  expect(writeNpz(arrays)).toEqual(bytes);
});

test('npz: a member that claims more than its bytes can stand for is refused before it is unpacked', () => {
  const bytes = zipSync({ 'x.npy': writeNpy(tensor(new Float32Array(1000), [1000])) });
  const view = new DataView(bytes.buffer);
  const directory = view.getUint32(bytes.length - 6, true);
  view.setUint32(directory + 24, 2 ** 32 - 2, true);
  expect(caught(() => readNpz(bytes, 'a.npz'))).toMatchObject({
    code: 'NPZ_INVALID',
    message: 'Not a readable .npz archive: the member x.npy claims to hold 4294967294 bytes.',
  });
});
