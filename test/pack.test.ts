import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bim } from '../src/attacks/index.ts';
import { loadDataset } from '../src/data/index.ts';
import { attack } from '../src/judge/index.ts';
import { loadModel } from '../src/models/index.ts';
import { filesUnder, readText, root } from './sources.ts';
import { makeWorld } from './world.ts';

/** The package as a stranger gets it: packed, installed in a folder of its own, used from there. */
const folder = mkdtempSync(path.join(tmpdir(), 'advarena-pack-'));

interface Packed {
  filename: string;
  files: { path: string; mode: number }[];
}
let packed: Packed;
let offline = false;

/**
 * Child processes must not be told that they are part of this test run, nor find its sources; what leads to the registry
 * they need.
 */
const outer = Object.fromEntries(
  Object.entries(process.env).filter(([name]) =>
    /^(?:HOME|PATH|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:DIR|FILE)|(?:https?|no)_proxy|npm_config_(?:cache|cafile|registry|userconfig))$/i.test(
      name,
    ),
  ),
);

function run(command: string, args: readonly string[], cwd = folder): { stdout: string; failure?: string } {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...outer, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  return status === 0
    ? { stdout }
    : { stdout, failure: `${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}` };
}

beforeAll(async () => {
  const made = run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], root);
  if (made.failure !== undefined) throw new Error(made.failure);
  packed = (JSON.parse(made.stdout.slice(made.stdout.indexOf('[\n'))) as [Packed])[0];
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const install = [
    'install',
    `./${packed.filename}`,
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--fetch-retries=1',
  ];
  const { failure } = run('npm', install);
  offline = failure !== undefined && /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|CERT_IN_CHAIN/.test(failure);
  if (failure !== undefined && !offline) throw new Error(failure);
  await makeWorld(path.join(folder, 'world'), 6);
}, 300_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed package', () => {
  test('holds what is needed and nothing else', () => {
    const paths = packed.files.map((f) => f.path);
    for (const needed of [
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
      'package.json',
      'dist/index.js',
      'src/index.ts',
      'zoo/roadsigns-resnet/model.onnx',
    ])
      expect(paths).toContain(needed);
    const outside = paths.filter((p) => !/^(?:dist|src|docs|zoo)\//.test(p) && p.includes('/'));
    expect([...outside, ...paths.filter((p) => /\.test\./.test(p))]).toEqual([]);
    expect(packed.files.find((f) => f.path === 'dist/cli/main.js')?.mode).toBe(0o755);
    const sources = filesUnder('src').filter((f) => f.endsWith('.ts') && !f.endsWith('.test.ts'));
    const built = paths.filter((p) => p.startsWith('dist/') && p.endsWith('.js'));
    expect(built.toSorted()).toEqual(
      sources.map((f) => f.replace(/^src/, 'dist').replace(/\.ts$/, '.js')).toSorted(),
    );
  });

  test('brings its dependencies and not its tools', ({ skip }) => {
    skip(offline, 'the registry cannot be reached');
    const installed = readdirSync(path.join(folder, 'node_modules'));
    const manifest = JSON.parse(readText('package.json')) as Record<string, Record<string, string>>;
    for (const name of Object.keys(manifest['dependencies'] ?? {}))
      expect(existsSync(path.join(folder, 'node_modules', name))).toBe(true);
    const tools = Object.keys(manifest['devDependencies'] ?? {}).filter((name) => !name.startsWith('@'));
    expect(installed.filter((name) => tools.includes(name))).toEqual([]);
  });

  test('has a command', ({ skip }) => {
    skip(offline, 'the registry cannot be reached');
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(run('npx', ['--no-install', 'advarena', '--version'])).toEqual({ stdout: `${version}\n` });
  });

  test('has types at every door', ({ skip }) => {
    skip(offline, 'the registry cannot be reached');
    const names = doors();
    const lines = names.map((name, i) => `import * as door${i} from '${name}';`);
    lines.push("import { attack, loadModel } from 'advarena';", "import { pgd } from 'advarena/attacks';");
    lines.push('const answer: Promise<{ robustAccuracy: number }> = loadModel("m").then((m) =>');
    lines.push(
      '  attack(m, pgd, { images: { dtype: "uint8", shape: [], data: new Uint8Array() }, labels: [], epsilon: 1 }));',
    );
    lines.push(`console.log(answer, ${names.map((_, i) => `door${i}`).join(', ')});`);
    writeFileSync(path.join(folder, 'types.ts'), lines.join('\n'));
    const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024'];
    expect(run(tsc, [...flags, '--types', '', 'types.ts'])).toEqual({ stdout: '' });
  });

  test('attacks in child processes, with the figures of the sources', async ({ skip }) => {
    skip(offline, 'the registry cannot be reached');
    writeFileSync(
      path.join(folder, 'use.js'),
      `${doors()
        .map(
          (name) =>
            `if (Object.keys(await import('${name}')).length === 0) throw new Error('${name} is empty');`,
        )
        .join('\n')}
import { attack, loadDataset, loadModel } from 'advarena';
import { bim } from 'advarena/attacks';
const data = await loadDataset({ images: 'world/images', labels: 'world/labels.csv' });
const model = await loadModel('world/model.onnx');
const { samples } = await attack(model, bim, { ...data, targets: undefined, epsilon: 8 / 255, hosts: 2 });
console.log(JSON.stringify({ samples, at: import.meta.resolve('advarena') }));
`,
    );
    const { stdout, failure } = run(process.execPath, ['use.js']);
    expect(failure).toBeUndefined();
    const there = JSON.parse(stdout) as { samples: unknown; at: string };
    expect(there.at).toMatch(/\/node_modules\/advarena\/dist\/index\.js$/);
    expect(there.samples).toEqual(await here());
  });
});

/** Every room that has an index, and the main door. */
function doors(): string[] {
  const rooms = filesUnder('src').flatMap((f) => /^src\/(\w+)\/index\.ts$/.exec(f)?.[1] ?? []);
  return ['advarena', ...rooms.map((room) => `advarena/${room}`)];
}

async function here(): Promise<unknown> {
  const world = path.join(folder, 'world');
  const { ids, images, labels } = await loadDataset({
    images: path.join(world, 'images'),
    labels: path.join(world, 'labels.csv'),
  });
  const model = await loadModel(path.join(world, 'model.onnx'));
  const request = { ids, images, labels: labels ?? [], epsilon: 8 / 255, hosts: 1 };
  const { samples } = await attack(model, bim, request);
  await model.release();
  return JSON.parse(JSON.stringify(samples));
}
