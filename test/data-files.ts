import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { encodePng } from '../src/data/index.ts';
import { AdvarenaError } from '../src/tensor/index.ts';

/** Folders of small files for tests of loaders. */
export interface Scratch {
  root: string;
  /** Makes a new folder of these files; a slash in a name makes a folder within, at the end an empty one. */
  folder(files: Record<string, Uint8Array | string>): Promise<string>;
  /** What an error says, with a new folder's path as `F`. */
  caught(promise: Promise<unknown>): Promise<string>;
  remove(): Promise<void>;
}

export async function scratch(): Promise<Scratch> {
  const root = await mkdtemp(path.join(tmpdir(), 'advarena-data-'));
  let made = 0;
  return {
    root,
    folder: async (files) => {
      const place = path.join(root, String(made++));
      await mkdir(place);
      for (const [name, content] of Object.entries(files)) {
        const file = path.join(place, name);
        await mkdir(name.endsWith('/') ? file : path.dirname(file), { recursive: true });
        if (!name.endsWith('/')) await writeFile(file, content);
      }
      return place;
    },
    caught: async (promise) =>
      promise.then(
        () => 'nothing thrown',
        (error) => {
          if (!(error instanceof AdvarenaError)) throw error;
          const text = `${error.code} ${error.where}: ${error.message} ${error.remedy}`;
          return text.replaceAll(root, '').replaceAll(/\/\d+(?=[/:,])/g, 'F');
        },
      ),
    remove: () => rm(root, { recursive: true }),
  };
}

/** A PNG of height 2 and width 3 whose levels are level, level + 1, ... */
export function smallPng(level: number, channels = 3, height = 2, width = 3): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: height * width * channels }, (_, i) => level + i);
  return encodePng({ height, width, channels, data });
}
