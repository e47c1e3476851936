import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'yaml';
import { runTournament, type TournamentResult } from '../src/arena/index.ts';
import type { RulesInput } from '../src/arena/schema.ts';
import { type Dataset, loadDataset } from '../src/data/index.ts';
import { openStoreReadOnly, type StepRecord } from '../src/runs/index.ts';
import { type Hosts, openHosts } from '../src/runtime/index.ts';
import type { Tensor } from '../src/tensor/index.ts';
import { makeSmallArena } from './small-arena.ts';

/** A tournament that was held. */
export interface Held {
  readonly out: string;
  readonly result: TournamentResult;
}

/** A folder with the small arena, in which tournaments are held. */
export interface Grounds extends AsyncDisposable {
  readonly root: string;
  /** Threads. */
  readonly hosts: Hosts;
  /** @param name of the run, each another one */
  hold(name: string, rules: RulesInput, hosts?: Hosts): Promise<Held>;
  /** The first images of the arena, and their labels. */
  images(count?: number): Promise<Dataset & { images: Tensor<'uint8'>; labels: Int32Array }>;
}

export async function openGrounds(count = 2): Promise<Grounds> {
  const root = await mkdtemp(join(tmpdir(), 'advarena-grounds-'));
  await makeSmallArena(root);
  const hosts = openHosts({ count, kind: 'thread' });
  return {
    root,
    hosts,
    async hold(name, rules, on = hosts) {
      const file = join(root, `${name}.yaml`);
      await writeFile(file, stringify(rules));
      const out = join(root, 'runs', name);
      return { out, result: await runTournament(file, { out, hosts: on }) };
    },
    async images(limit = 24) {
      const folder = join(root, 'images');
      const dataset = await loadDataset({ images: folder, labels: join(folder, 'labels.csv'), limit });
      return dataset as Awaited<ReturnType<Grounds['images']>>;
    },
    async [Symbol.asyncDispose]() {
      await hosts.close();
      await rm(root, { recursive: true });
    },
  };
}

/** Rules of the small arena: all its images in batches of eight at one radius, unless said otherwise. */
export function smallRulesWith(
  rules: Pick<RulesInput, 'attacks' | 'defenses'> & Partial<RulesInput>,
): RulesInput {
  return {
    name: 'small',
    seed: 7,
    dataset: { images: 'images', labels: 'images/labels.csv' },
    epsilons: ['8/255'],
    batch: { size: 8, seconds: 60 },
    models: { one: 'one.onnx', two: 'two.onnx' },
    examples: 0,
    ...rules,
  };
}

/** A line of `scores/images.csv`; an empty text where there is nothing. */
export interface AnswerLine {
  readonly image: string;
  readonly label: string;
  readonly attack: string;
  readonly epsilon: string;
  readonly defense: string;
  readonly answer: string;
  readonly distance: string;
}

/** What was answered about every image. */
export async function answersIn({ out }: Held): Promise<AnswerLine[]> {
  const text = await readFile(join(out, 'scores', 'images.csv'), 'utf8');
  return parse(text, { columns: true }) as AnswerLine[];
}

/** Everything that was recorded of a kind of steps. */
export async function recordsIn({ out }: Held, kind: string): Promise<StepRecord[]> {
  const store = await openStoreReadOnly(out);
  return [...(await store.records()).values()].filter((record) => record.kind === kind);
}
