import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadRules } from '../src/arena/index.ts';
import type { RulesInput } from '../src/arena/schema.ts';
import { root } from './sources.ts';

const files = ['tournament.yaml', 'full.yaml'].map((name) => path.join(root, 'examples', 'start', name));

describe.each(files)('%s', (file) => {
  test('is in order, and no source of attacks defends', async () => {
    const { models, attacks, defenses } = await loadRules(file);
    const opened = new Set(
      attacks
        .flatMap(({ sources }) => sources)
        .flatMap((source) => {
          const model = models[source.model];
          return model !== undefined && 'ensemble' in model ? model.ensemble : [source.model];
        }),
    );
    expect(opened.size).toBeGreaterThan(0);
    expect(defenses.map((d) => d.model).filter((model) => opened.has(model))).toEqual([]);
    const networks = Object.values(models).flatMap((model) => ('file' in model ? [model.file] : []));
    expect(networks.filter((model) => !existsSync(path.join(path.dirname(file), model)))).toEqual([]);
  });
});

test('the rules after the competition of 2017 are in order', async () => {
  const { attacks, defenses } = await loadRules(path.join(root, 'examples', 'nips2017', 'tournament.yaml'));
  expect([attacks.length, defenses.length].every((n) => n > 5)).toBe(true);
});

describe('npm start', () => {
  /** A checkout in small: the example, the zoo, and the package by its name. */
  const folder = path.join(root, '.tmp', `start-${process.pid}`);
  const example = path.join(folder, 'examples', 'start');
  const rules = path.join(example, 'tournament.yaml');

  beforeAll(() => {
    cpSync(path.join(root, 'examples', 'start'), example, { recursive: true });
    symlinkSync(path.join(root, 'zoo'), path.join(folder, 'zoo'));
    mkdirSync(path.join(folder, 'node_modules'));
    symlinkSync(root, path.join(folder, 'node_modules', 'advarena'));
    const all = parse(readFileSync(rules, 'utf8')) as RulesInput;
    const some = <T>(of: Record<string, T>, ...names: string[]): Record<string, T> =>
      Object.fromEntries(Object.entries(of).filter(([name]) => names.includes(name)));
    const small: RulesInput = {
      ...all,
      dataset: { name: 'roadsigns', seed: 1, count: 16 },
      epsilons: ['8/255'],
      batch: { size: 16, seconds: 60 },
      attacks: some(all.attacks, 'noise', 'mi-fgsm-surrogate', 'step-target-both'),
      defenses: some(all.defenses, 'resnet', 'convnet-median', 'resnet-adv'),
      comparisons: [],
      examples: 2,
    };
    writeFileSync(rules, stringify(small));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function start(...words: string[]): { status: number | null; stdout: string; stderr: string } {
    const args = ['--conditions=advarena-source', path.join('examples', 'start', 'start.ts'), ...words];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  }

  const runs = (): string[] => readdirSync(path.join(folder, 'runs'));

  test('prints the leaderboards, writes the report, and is done at once the second time', () => {
    const first = start();
    expect({ status: first.status, stderr: first.status === 0 ? '' : first.stderr }).toEqual({
      status: 0,
      stderr: '',
    });
    for (const title of ['Untargeted attacks', 'Targeted attacks', 'Defenses', 'What to try next'])
      expect(first.stdout).toContain(title);
    const [run = ''] = runs();
    expect(run).toMatch(/^tournament-[0-9a-f]{8}$/);
    const report = path.join(folder, 'runs', run, 'report.html');
    expect(first.stdout).toContain(`Open ${report} in a browser.`);
    expect(readFileSync(report, 'utf8')).toContain('roadsigns dev');
    const steps = path.join(folder, 'runs', run, 'steps');
    const records = readdirSync(steps).map((name) => readFileSync(path.join(steps, name), 'utf8'));
    // One of rendering, one of clean images, three defenses on those, three attacks with three defenses each.
    expect(records).toHaveLength(1 + 1 + 3 + 3 * 4);

    const second = start();
    expect(second.stdout).toBe(first.stdout);
    expect(readdirSync(steps).map((name) => readFileSync(path.join(steps, name), 'utf8'))).toEqual(records);
    expect(runs()).toEqual([run]);
  });

  test('rules that are wrong are told with their place, and leave no folder', () => {
    const text = readFileSync(rules, 'utf8');
    const before = runs();
    writeFileSync(rules, text.replace('count: 16', 'cuont: 16'));
    const { status, stderr } = start();
    writeFileSync(rules, text);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error RULES {2}examples\/start\/tournament\.yaml:\d+:\d+: Unknown key "cuont" in dataset\./,
    );
    expect(runs()).toEqual(before);
  });

  test('other words than --full are refused', () => {
    expect(start('--ful')).toMatchObject({
      status: 2,
      stderr: 'npm start takes nothing or --full, not "--ful".\n',
    });
  });
});
