import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderRoadsign } from '../data/index.ts';
import { openStore, type Store } from '../runs/index.ts';
import type { Hosts, Job } from '../runtime/index.ts';
import { rows } from '../tensor/index.ts';
import { render, renderDataset } from './render.ts';

let root = '';
let store: Store;
const rule = { name: 'roadsigns', part: 'dev', seed: 'a word', count: 17 } as const;
const versions = { advarena: 'x' };

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-render-'));
  store = await openStore(root);
});
afterAll(() => rm(root, { recursive: true }));

/** Does jobs in this thread; @param allowed so many, then it breaks down */
function inThread(allowed: number): Hosts & { done: Job[] } {
  const done: Job[] = [];
  return {
    size: 1,
    done,
    async run(job, options) {
      if (done.push(job) > allowed) throw new Error('the host has broken down');
      const context = {
        cache: new Map(),
        progress: (value: unknown) => options?.onProgress?.(value),
        pause: () => Promise.resolve(),
      };
      return render(job.data, context);
    },
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

test('gives the dataset of the same name, and goes on where it was broken off', async () => {
  const first = inThread(1);
  await expect(renderDataset(rule, { store, hosts: first, versions })).rejects.toThrow('broken down');
  expect(await readdir(join(root, 'steps'))).toHaveLength(1);

  const second = inThread(1);
  const seen: string[] = [];
  const dataset = await renderDataset(rule, {
    store,
    hosts: second,
    versions,
    onProgress: ({ done, total }) => seen.push(`${done} of ${total}`),
  });
  expect(second.done.map((job) => job.data)).toEqual([{ part: 'dev', seed: 'a word', from: 16, to: 17 }]);
  expect([seen[0], seen.at(-1)]).toEqual(['1 of 2', '2 of 2']);
  expect(dataset).toMatchObject({ name: 'roadsigns dev', classes: 16, labelOffset: 0 });
  for (const index of [0, 15, 16]) {
    const { id, image, label, target } = await renderRoadsign({ ...rule, index });
    expect(dataset.ids[index]).toBe(id);
    expect(dataset.labels?.[index]).toBe(label);
    expect(dataset.targets?.[index]).toBe(target);
    expect(rows(dataset.images, index, index + 1).data).toEqual(image);
  }

  expect(await renderDataset(rule, { store, hosts: inThread(0), versions })).toEqual(dataset);
  expect(await store.conflicts()).toEqual([]);
});

test('other versions of the software render anew', async () => {
  const hosts = inThread(1);
  await renderDataset({ ...rule, count: 1 }, { store, hosts, versions: { advarena: 'y' } });
  expect(hosts.done).toHaveLength(1);
});
