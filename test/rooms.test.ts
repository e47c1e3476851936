import { builtinModules } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, readText, references } from './sources.ts';

/** From the lowest to the highest: a room imports only from those before it. The order is that of docs/design.md. */
const rooms = [
  'tensor',
  'onnx',
  'autodiff',
  'runtime',
  'catalog',
  'models',
  'data',
  'runs',
  'training',
  'attacks',
  'defenses',
  'judge',
  'evaluate',
  'zoo',
  'arena',
  'findings',
  'report',
  'cli',
];

/** Rooms up to here run in a browser one day: what is Node's own stays in `*.node.ts` files. */
const lastPortable = 'judge';

/** Packages with binaries, which only backend files may import. */
const native = new Set(['onnxruntime-node', 'sharp']);

const manifest = JSON.parse(readText('package.json')) as {
  dependencies: Record<string, string>;
  imports: Record<string, { 'advarena-source': string }>;
};

/** What is wrong with the references of source files (path in `src/` to text); test files may import what they like. */
function violations(sources: ReadonlyMap<string, string>): string[] {
  return [...sources].flatMap(([file, text]) => {
    const room = roomOf(file);
    if (room !== undefined && !rooms.includes(room)) return [`${file}: "${room}" is no room of the list`];
    return references(file, text).flatMap((reference) => {
      const wrong = verdict(file, room, reference);
      return wrong === undefined ? [] : [`${file}: ${reference}: ${wrong}`];
    });
  });
}

/** Undefined for `src/index.ts`, which stands above all rooms. */
function roomOf(file: string): string | undefined {
  const [, room, ...rest] = file.split('/');
  return rest.length === 0 ? undefined : room;
}

/** The file of the repository that a reference leads to; undefined for packages and unknown names. */
function targetOf(file: string, reference: string): string | undefined {
  if (reference.startsWith('#')) return manifest.imports[reference]?.['advarena-source'].replace('./', '');
  if (!reference.startsWith('.')) return undefined;
  return path.posix.normalize(path.posix.join(path.posix.dirname(file), reference));
}

function verdict(file: string, room: string | undefined, reference: string): string | undefined {
  const target = targetOf(file, reference);
  if (target !== undefined && reference.startsWith('.'))
    return ofFile(room, target) ?? (ofBackend(file, target) ? 'a backend is reached through #' : undefined);
  if (reference.startsWith('#')) {
    if (target === undefined) return 'package.json has no such import';
    return roomOf(target) === room ? undefined : "another room's backend is reached through its door";
  }
  const name = reference.replace(/^node:/, '');
  if (name !== reference || builtinModules.includes(name)) return portable(file, room);
  const parts = reference.split('/');
  const packageName = parts.slice(0, reference.startsWith('@') ? 2 : 1).join('/');
  if (manifest.dependencies[packageName] === undefined) return 'is not among the dependencies';
  return native.has(packageName) ? portable(file, room) : undefined;
}

function ofFile(room: string | undefined, target: string): string | undefined {
  const other = roomOf(target);
  if (!target.startsWith('src/')) return 'leads out of src';
  if (other === room) return undefined;
  if (other === undefined) return 'the main door is for users';
  if (target !== `src/${other}/index.ts`) return 'rooms are entered through index.ts';
  if (room === undefined || rooms.indexOf(other) < rooms.indexOf(room)) return undefined;
  return 'leads up';
}

function ofBackend(file: string, target: string): boolean {
  return target.endsWith('.node.ts') && !file.endsWith('.node.ts');
}

function portable(file: string, room: string | undefined): string | undefined {
  if (file.endsWith('.node.ts')) return undefined;
  if (room !== undefined && rooms.indexOf(room) > rooms.indexOf(lastPortable)) return undefined;
  return 'only *.node.ts files may import it';
}

const sources = filesUnder('src').filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'));
const texts = new Map(sources.map((file) => [file, readText(file)]));

test('imports lead down, through the doors, and keep Node in its place', () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(violations(texts)).toEqual([]);
});

describe('what the check refuses', () => {
  test.for([
    ['src/onnx/a.ts', "import { x } from '../models/index.ts'", 'leads up'],
    ['src/onnx/a.ts', "import type { X } from '../models/index.ts'", 'leads up'],
    ['src/onnx/a.ts', "export * from '../models/index.ts'", 'leads up'],
    ['src/onnx/a.ts', "type X = import('../models/index.ts').X", 'leads up'],
    ['src/onnx/a.ts', "await import('../models/index.ts')", 'leads up'],
    ['src/onnx/a.ts', "new URL('../models/index.ts', import.meta.url)", 'leads up'],
    // oxlint-disable-next-line no-template-curly-in-string -- it is the text of a module
    [
      'src/onnx/a.ts',
      'new URL(`../models/${name}.ts`, import.meta.url)',
      'rooms are entered through index.ts',
    ],
    ['src/models/a.ts', "import { x } from '../onnx/read.ts'", 'rooms are entered through index.ts'],
    ['src/models/a.ts', "import { x } from '../../test/fixtures.ts'", 'leads out of src'],
    ['src/models/a.ts', "import { x } from '../index.ts'", 'the main door is for users'],
    ['src/models/a.ts', "import { x } from 'node:fs'", 'only *.node.ts files may import it'],
    ['src/models/a.ts', "import { x } from 'fs'", 'only *.node.ts files may import it'],
    ['src/models/a.ts', "import sharp from 'sharp'", 'only *.node.ts files may import it'],
    ['src/runtime/a.ts', "import { x } from './host.node.ts'", 'a backend is reached through #'],
    ['src/models/a.ts', "import { x } from '#host'", "another room's backend is reached through its door"],
    ['src/models/a.ts', "import { x } from '#nowhere'", 'package.json has no such import'],
    ['src/models/a.ts', "import { x } from 'vitest'", 'is not among the dependencies'],
  ] as const)('%s: %s', ([file, text, reason], { expect: check }) => {
    check(violations(new Map([[file, text]]))).toEqual([
      expect.stringMatching(new RegExp(`: ${escape(reason)}$`)),
    ]);
  });

  test('a room that the list does not know', () => {
    expect(violations(new Map([['src/utils/a.ts', '']]))).toEqual([
      'src/utils/a.ts: "utils" is no room of the list',
    ]);
  });

  test('and what it lets pass', () => {
    const fine = new Map([
      ['src/models/a.ts', "import { x } from '../onnx/index.ts'; import { z } from 'zod'; import './b.ts'"],
      ['src/runtime/a.ts', "import { x } from '#host'"],
      ['src/runtime/a.node.ts', "import 'node:fs'; import 'onnxruntime-node'; import './device.node.ts'"],
      ['src/arena/a.ts', "import 'node:fs'"],
      ['src/index.ts', "export { x } from './judge/index.ts'"],
    ]);
    expect(violations(fine)).toEqual([]);
  });
});

/** Source files that lead to one another, circle by circle; what imports types alone counts too. */
function circles(sources: ReadonlyMap<string, string>): string[][] {
  const targets = new Map(
    [...sources].map(([file, text]) => [
      file,
      references(file, text).flatMap((reference) => targetOf(file, reference) ?? []),
    ]),
  );
  const reached = new Map(
    [...sources.keys()].map((start) => {
      const found = new Set<string>();
      const open = [start];
      for (let file = open.pop(); file !== undefined; file = open.pop())
        for (const target of targets.get(file) ?? [])
          if (!found.has(target)) {
            found.add(target);
            open.push(target);
          }
      return [start, found];
    }),
  );
  const together = (a: string, b: string): boolean =>
    reached.get(a)?.has(b) === true && reached.get(b)?.has(a) === true;
  const files = [...sources.keys()];
  const all = files.map((file) => files.filter((other) => together(file, other)));
  return all.filter((circle, i) => circle[0] === files[i]);
}

test('no source file leads back to itself', () => {
  expect(circles(texts)).toEqual([]);
});

describe('which circles are refused', () => {
  test.for([
    ["import { b } from './b.ts'", "import { a } from './a.ts'"],
    ["import { b } from './b.ts'", "import type { A } from './a.ts'"],
    ["export * from './b.ts'", "export type { A } from './a.ts'"],
    ["import { b } from './b.ts'", "type A = import('./a.ts').A"],
    ["await import('./b.ts')", "import '../onnx/a.ts'"],
    ["import { b } from './b.ts'", "new URL('./a.ts', import.meta.url)"],
  ] as const)('%s; %s', ([a, b], { expect: check }) => {
    const files = new Map([
      ['src/onnx/a.ts', a],
      ['src/onnx/b.ts', b],
      ['src/onnx/index.ts', "export * from './a.ts'"],
    ]);
    check(circles(files)).toEqual([['src/onnx/a.ts', 'src/onnx/b.ts']]);
  });

  test('each of several, and whatever its length', () => {
    const files = new Map([
      ['src/runtime/a.ts', "import './b.ts'"],
      ['src/runtime/b.ts', "import '#host'"],
      ['src/runtime/c.ts', "import './c.ts'"],
      ['src/runtime/d.ts', "import './a.ts'; import './c.ts'"],
      ['src/runtime/host.node.ts', "import './a.ts'"],
    ]);
    expect(circles(files)).toEqual([
      ['src/runtime/a.ts', 'src/runtime/b.ts', 'src/runtime/host.node.ts'],
      ['src/runtime/c.ts'],
    ]);
  });

  test('and that two ways to one file are none', () => {
    const files = new Map([
      ['src/onnx/a.ts', "import './b.ts'; import './c.ts'"],
      ['src/onnx/b.ts', "import './d.ts'"],
      ['src/onnx/c.ts', "import './d.ts'"],
      ['src/onnx/d.ts', "import 'zod'; import 'node:fs'"],
    ]);
    expect(circles(files)).toEqual([]);
  });
});

/** Files of more than 400 lines, each with the reason why it is not cut. */
const long = new Map([
  ['src/autodiff/rules/index.ts', 'generated, two lines for each operator'],
  ['src/onnx/ops/index.ts', 'generated, two lines for each operator'],
]);

test('no source file is longer than 400 lines without a reason', () => {
  const found = sources.filter((f) => !f.includes('/generated/') && readText(f).split('\n').length > 401);
  expect(found).toEqual([...long.keys()]);
});

/** Written in parts, so that this file does not find itself. */
const traces = [
  ['/wo', 'rk/'],
  ['/ro', 'ot/'],
  ['/ho', 'me/[a-z]'],
  ['/Us', 'ers/'],
  ['local', 'host:\\d'],
  ['artifact', 'ory'],
].map((parts) => new RegExp(parts.join('')));

test('no file names a place of the machine on which it was written', () => {
  const text = filesUnder().filter((f) => !/\.(?:png|npy|onnx|jpg)$/.test(f));
  const found = text.flatMap((file) =>
    readText(file)
      .split('\n')
      .flatMap((line, i) =>
        traces.some((t) => t.test(line)) ? [`${file}:${i + 1}: ${line.slice(0, 80)}`] : [],
      ),
  );
  expect(found).toEqual([]);
});

test('the lock file holds hashes, and leaves to the user which registry answers', () => {
  const lock = JSON.parse(readText('package-lock.json')) as {
    packages: Record<string, { resolved?: string; integrity?: string }>;
  };
  const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
  expect(packages.length).toBeGreaterThan(50);
  expect(packages.filter(([, p]) => p.resolved !== undefined || p.integrity === undefined)).toEqual([]);
});

test('every room has a door', () => {
  const built = new Set(sources.flatMap((file) => roomOf(file) ?? []));
  expect([...built].filter((room) => !sources.includes(`src/${room}/index.ts`))).toEqual([]);
});

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
