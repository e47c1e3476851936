import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseRules } from '../../src/arena/index.ts';
import { readIdx } from '../../src/data/idx-file.ts';
import { decodeJpeg, decodePng, encodeJpeg, encodePng } from '../../src/data/index.ts';
import { readLabels } from '../../src/data/labels.ts';
import { loadModel } from '../../src/models/index.ts';
import { int64, randomOf, readNpy, readNpz, tensor, writeNpy, writeNpz } from '../../src/tensor/index.ts';
import { smallNetwork, smallRules } from '../small-arena.ts';

/** A kind of file that people bring: sound ones, and what reads them. */
export interface FileKind {
  readonly name: string;
  sound(): Promise<Uint8Array[]>;
  /** Whatever comes out; numbers of bytes where it takes memory for what it was told. */
  read(bytes: Uint8Array): Promise<unknown>;
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const picture = (channels: 1 | 3 | 4) => {
  const stream = randomOf(1, 'fuzz').stream('', 'picture', channels);
  return {
    height: 9,
    width: 7,
    channels,
    data: Uint8Array.from({ length: 63 * channels }, () => stream.integer(256)),
  } as const;
};

const floats = tensor(
  Float32Array.from({ length: 24 }, (_, i) => i / 3),
  [2, 3, 4],
);

const sidecar = {
  name: 'one',
  input: { name: 'pixels', layout: 'NCHW', height: 8, width: 8, channels: 'RGB' },
  preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  output: { name: 'scores', kind: 'logits', classes: 10 },
  outputs: { features: 'scores' },
  labels: { dataset: 'cifar10', offset: 0 },
};

/** A folder for what is read by its path. */
export function openFiles(): { kinds: readonly FileKind[]; close(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'advarena-fuzz-'));
  const file = (name: string, bytes: Uint8Array): string => {
    writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  };
  file('one.onnx', smallNetwork('one'));
  const kinds: FileKind[] = [
    {
      name: 'npy',
      sound: () =>
        Promise.resolve([
          writeNpy(floats),
          writeNpy(int64([3, 1, 4, 1, 5])),
          writeNpy(tensor(new Uint8Array(12), [12], 'uint8')),
        ]),
      async read(bytes) {
        readNpy(bytes, 'a.npy');
      },
    },
    {
      name: 'npz',
      sound: () => Promise.resolve([writeNpz({ images: floats, labels: int64([1, 2]) })]),
      async read(bytes) {
        readNpz(bytes, 'a.npz');
      },
    },
    {
      name: 'idx',
      sound: () => {
        const bytes = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, ...new Uint8Array(12));
        return Promise.resolve([bytes, gzipSync(bytes)]);
      },
      read: (bytes) => readIdx(file('a.idx', bytes)),
    },
    {
      name: 'PNG',
      sound: () => Promise.all([encodePng(picture(3)), encodePng(picture(1))]),
      read: (bytes) => decodePng(bytes, 'a.png'),
    },
    {
      name: 'JPEG',
      sound: () => Promise.all([encodeJpeg(picture(3), 75, '4:2:0'), encodeJpeg(picture(3), 90, '4:4:4')]),
      read: (bytes) => decodeJpeg(bytes, 'a.jpg'),
    },
    {
      name: 'CSV',
      sound: () =>
        Promise.resolve([
          text('id,label,target\nim00,0,1\nim01,1,2\n"im,02",2,3\n'),
          text('\ufeffid,label\r\n"a",1\r\n'),
        ]),
      read: (bytes) => readLabels(file('labels.csv', bytes), 'label', { classes: 10 }),
    },
    {
      name: 'sidecar',
      sound: () => Promise.resolve([text(JSON.stringify(sidecar, undefined, 1))]),
      async read(bytes) {
        file('one.json', bytes);
        await (await loadModel(path.join(folder, 'one.onnx'))).release();
      },
    },
    {
      name: 'YAML',
      sound: () => Promise.resolve([text(smallRules)]),
      async read(bytes) {
        parseRules(words(bytes), 'rules.yaml');
      },
    },
  ];
  return { kinds, close: () => rmSync(folder, { recursive: true }) };
}
