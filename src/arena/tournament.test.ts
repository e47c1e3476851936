import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeSmallArena, smallRules } from '../../test/small-arena.ts';
import { type Hosts, JobEnded, openHosts } from '../runtime/index.ts';
import { type AdvarenaError, randomOf } from '../tensor/index.ts';
import { readTournament, runTournament, type TournamentResult } from './index.ts';

let root = '';
let rules = '';
let hosts: Hosts;
/** A run that was left alone. */
let whole = '';
let result: TournamentResult;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'advarena-arena-'));
  rules = await makeSmallArena(root);
  hosts = openHosts({ count: 2, kind: 'thread' });
  whole = join(root, 'whole');
  result = await runTournament(rules, { out: whole, hosts });
});
afterAll(async () => {
  await hosts.close();
  await rm(root, { recursive: true });
});

/** All that a run wrote and that is compared: everything but what was observed. */
async function written(out: string): Promise<Record<string, string>> {
  const files: Record<string, string> = { run: await readFile(join(out, 'run.json'), 'utf8') };
  for (const folder of ['blobs', 'steps', 'scores'])
    for (const name of await readdir(join(out, folder))) {
      if (name === 'times.csv' || name.endsWith('.tmp')) continue;
      const bytes = await readFile(join(out, folder, name));
      files[`${folder}/${name}`] =
        folder === 'steps'
          ? JSON.stringify({
              ...(JSON.parse(bytes.toString()) as object),
              observed: null,
              observedDigest: null,
            })
          : bytes.toString('base64');
    }
  return files;
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'nothing thrown',
    ({ code, message, where, remedy }: AdvarenaError) =>
      `${code} ${where?.replaceAll(root, '.')}: ${message.replaceAll(root, '.')} | ${remedy}`,
  );
}

async function variant(name: string, change: (text: string) => string): Promise<string> {
  const file = join(root, `${name}.yaml`);
  await writeFile(file, change(smallRules));
  return file;
}

/** Runs in a process of its own, killed after so many finished steps; null: not at all. */
async function runProcess(
  out: string,
  killAfter: number | null,
): Promise<{ started: string[]; done: boolean }> {
  const script = fileURLToPath(new URL('../../test/run-tournament.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=advarena-source', script, rules, out], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started: string[] = [];
  let finished = 0;
  let done = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const [what = '', id = ''] = line.split(' ');
    if (what === 'started') started.push(id);
    if (what === 'finished' && ++finished === killAfter) child.kill('SIGKILL');
    if (what === 'done') done = true;
  }
  return { started, done };
}

/** Hosts in which some jobs fail. */
function failing(fails: (name: string) => Error | undefined): Hosts {
  return {
    ...hosts,
    run: (job, options) => {
      const error = fails(options?.name ?? '');
      return error === undefined ? hosts.run(job, options) : Promise.reject(error);
    },
  };
}

describe('a whole tournament', () => {
  test('attacks every batch at every epsilon and judges all of it', async () => {
    expect(result.cells).toHaveLength(3 * 2 * 2);
    expect(result.cells.every((c) => c.images === 24)).toBe(true);
    expect(result.flags).toEqual([
      {
        code: 'EPSILON_LEVELS',
        message: 'The radius 0.0625 is between 8-bit levels: images lie within 15/255.',
      },
      {
        code: 'BLIND',
        message:
          'No attack that opens the network of coarse knew of its bit-depth: also its figures of a white box are of blind attacks. Let one of them have coarse under sources, or opponent: gradient.',
      },
    ]);
    const steps = (await readdir(join(whole, 'steps'))).length;
    // 3 batches: clean images, 2 defenses on them, 3 attacks at 2 epsilons with 2 defenses on each.
    expect(steps).toBe(3 + 6 + 18 + 36);
    const plain = result.cells.filter((c) => c.defense === 'plain' && c.epsilon === 8 / 255);
    expect(plain.map((c) => [c.attack, c.threat, c.error > 0.5])).toEqual([
      ['noise', 'transfer', false],
      ['fgsm-one', 'white box', true],
      ['mi-both', 'white box', false],
    ]);
    expect(result.comparisons[0]?.difference.low).toBeGreaterThan(0);
    expect(result.examples).toHaveLength(3);
  });

  test('keeps every image inside the ball, as 8-bit PNG', async () => {
    const lines = (await readFile(join(whole, 'scores', 'images.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(lines).toHaveLength(24 * (2 + 12));
    const distances = lines.map((l) => l.split(',')).filter((cells) => cells[3] !== '');
    for (const cells of distances) expect(Number(cells[7])).toBeLessThanOrEqual(Number(cells[4]));
    // 0.0625 is 15.9 levels: 15 is the most that fits.
    expect(Math.max(...distances.map((cells) => Number(cells[7]) * 255))).toBeCloseTo(15, 5);
  });

  test('is not done twice', async () => {
    const finished: unknown[] = [];
    const again = await runTournament(rules, {
      out: whole,
      hosts,
      onProgress: (p) => p.finished !== undefined && finished.push(p.finished),
    });
    expect(finished).toEqual([]);
    expect(again).toEqual(result);
  });

  test('is scored from its records alone', async () => {
    const copy = join(root, 'copy');
    await cp(whole, copy, { recursive: true });
    await rm(join(copy, 'scores'), { recursive: true });
    expect(await readTournament(copy)).toEqual(result);
    expect(await written(copy)).toEqual(await written(whole));
  });

  test('gives the same bytes whatever the number of hosts', async () => {
    const out = join(root, 'alone');
    await using one = openHosts({ count: 1, kind: 'thread' });
    await runTournament(rules, { out, hosts: one });
    expect(await written(out)).toEqual(await written(whole));
  });
});

describe('interrupted', () => {
  test('by kill -9 at random moments, goes on to the same bytes and repeats nothing that was finished', async () => {
    const out = join(root, 'killed');
    const random = randomOf(Date.now(), 'test').stream('', 'kills');
    const kills = [1, 2].map(() => 1 + random.integer(16));
    for (const killAfter of [...kills, null]) {
      const before = await readdir(join(out, 'steps')).catch(() => []);
      const kept = new Set(before.map((name) => name.replace('.json', '')));
      const { started, done } = await runProcess(out, killAfter);
      expect(done).toBe(killAfter === null);
      expect(started.length, `kills after ${kills.join()}`).toBeGreaterThan(0);
      expect(started.filter((id) => kept.has(id))).toEqual([]);
    }
    expect(await written(out), `kills after ${kills.join()}`).toEqual(await written(whole));
  });

  test('by a signal, keeps what is finished', async () => {
    const out = join(root, 'stopped');
    const stop = new AbortController();
    const run = runTournament(rules, {
      out,
      hosts,
      signal: stop.signal,
      onProgress: ({ done }) => done === 5 && stop.abort(),
    });
    expect(await errorOf(run)).toMatchInlineSnapshot(
      `"STOPPED ./stopped: The run was stopped. | Give the same command again to go on: what is finished is kept."`,
    );
    expect((await readTournament(out)).flags[0]?.message).toMatch(
      /^5[0-8] of 63 steps have no record: figures cover the others only\.$/,
    );
    expect((await runTournament(rules, { out, hosts })).cells).toEqual(result.cells);
  });
});

describe('failures', () => {
  test('of an attack or a defense are outcomes', async () => {
    let crashes = 0;
    const out = join(root, 'failed');
    const scored = await runTournament(rules, {
      out,
      hosts: failing((name) => {
        if (name.startsWith('fgsm-one, batch 2')) {
          crashes++;
          return new JobEnded('RUNTIME_CRASH', 'The host of the work died (signal SIGSEGV).');
        }
        if (name.startsWith('mi-both, batch 1')) return new TypeError('undefined is not a function');
        if (name === 'coarse on noise, batch 3, 8/255')
          return new JobEnded('TIMEOUT', 'It took longer than 90 s.');
        return undefined;
      }),
    });
    // Each is tried twice, at both epsilons.
    expect(crashes).toBe(4);
    expect(scored.flags).toMatchInlineSnapshot(`
      [
        {
          "code": "EPSILON_LEVELS",
          "message": "The radius 0.0625 is between 8-bit levels: images lie within 15/255.",
        },
        {
          "code": "BLIND",
          "message": "No attack that opens the network of coarse knew of its bit-depth: also its figures of a white box are of blind attacks. Let one of them have coarse under sources, or opponent: gradient.",
        },
        {
          "code": "ATTACK_FAILED",
          "message": "fgsm-one at 8/255, batch 2: crashed, no images: clean ones stand in, and count nothing for it. The host of the work died (signal SIGSEGV).",
        },
        {
          "code": "ATTACK_FAILED",
          "message": "fgsm-one at 0.0625, batch 2: crashed, no images: clean ones stand in, and count nothing for it. The host of the work died (signal SIGSEGV).",
        },
        {
          "code": "ATTACK_FAILED",
          "message": "mi-both at 8/255, batch 1: crashed, no images: clean ones stand in, and count nothing for it. undefined is not a function",
        },
        {
          "code": "ATTACK_FAILED",
          "message": "mi-both at 0.0625, batch 1: crashed, no images: clean ones stand in, and count nothing for it. undefined is not a function",
        },
        {
          "code": "DEFENSE_FAILED",
          "message": "coarse gave no answers for a batch: timeout. It took longer than 90 s.",
        },
      ]
    `);
    const all = scored.boards[0];
    expect(all?.untargeted.map((r) => [r.name, r.coverage])).toEqual([
      ['fgsm-one', 2 / 3],
      ['noise', 1],
    ]);
    expect(all?.defenses.find((r) => r.name === 'coarse')?.coverage).toBeCloseTo(1 - 1 / 18);
    expect(all?.defenses.find((r) => r.name === 'plain')?.coverage).toBe(1);
  });

  test('of a crash that does not come back leave no trace', async () => {
    let once = true;
    const out = join(root, 'flaky');
    await runTournament(rules, {
      out,
      hosts: failing((name) => {
        if (!once || !name.startsWith('fgsm-one')) return undefined;
        once = false;
        return new JobEnded('RUNTIME_CRASH', 'The host of the work died.');
      }),
    });
    expect(once).toBe(false);
    expect(await written(out)).toEqual(await written(whole));
  });

  test('of the machine stop the run', async () => {
    const run = runTournament(rules, {
      out: join(root, 'broken'),
      hosts: failing((name) =>
        name.startsWith('fgsm') ? new JobEnded('STOPPED', 'The work was stopped.') : undefined,
      ),
    });
    expect(await errorOf(run)).toMatch(/^STOPPED/);
  });

  test('of the rules and folders say what to do', async () => {
    const run = async (name: string, change: (text: string) => string): Promise<unknown> =>
      errorOf(runTournament(await variant(name, change), { out: whole, hosts }));
    await writeFile(join(root, 'broken.onnx'), 'no model');
    expect([
      await run('seed', (t) => t.replace('seed: 7', 'seed: 8')),
      await run('missing', (t) => t.replace('two.onnx', 'tow.onnx')),
      await run('broken', (t) => t.replace('one: one.onnx', 'one: broken.onnx')),
      await run('unlabelled', (t) => t.replace('images/labels.csv', 'images/label.csv')),
      await errorOf(runTournament(rules, { out: join(rules, 'out'), hosts })),
      await errorOf(readTournament(join(root, 'images'))),
    ]).toMatchInlineSnapshot(`
      [
        "RUN_DIFFERS ./whole/run.json: The run in this folder is another one: rules.seed was 7, is 8. | Choose another folder with --out, or go back to what the folder was begun with.",
        "FILE_MISSING ./tow.onnx: There is no such file or folder. | Check the path; relative ones start at the working folder.",
        "ONNX_READ ./broken.onnx: This is not an ONNX model, or the file is cut short. | Export the model again, or copy the file anew and compare its size.",
        "FILE_MISSING ./images/label.csv: There is no such file or folder. | Check the path; relative ones start at the working folder.",
        "OUTPUT_UNWRITABLE ./rules.yaml/out: A part of the path is a file, not a folder. | Choose another place, or move that file.",
        "RUN_MISSING ./images: There is no run in this folder: it has no run.json. | Name the folder that was given as --out.",
      ]
    `);
  });

  test('of a folder of another format are told', async () => {
    const out = join(root, 'older');
    await cp(whole, out, { recursive: true });
    const run = await readFile(join(out, 'run.json'), 'utf8');
    await writeFile(join(out, 'run.json'), run.replace(/"format": ?3/, '"format": 1'));
    expect([
      await errorOf(readTournament(out)),
      await errorOf(runTournament(rules, { out, hosts })),
    ]).toMatchInlineSnapshot(`
      [
        "RUN_FORMAT ./older/run.json: The run is of format 1, this program knows 3. | Use the version of advarena that made it.",
        "RUN_DIFFERS ./older/run.json: The run in this folder is another one: format was 1, is 3. | Choose another folder with --out, or go back to what the folder was begun with.",
      ]
    `);
  });

  test('of a disk that loses bits are found', async () => {
    const out = join(root, 'damaged');
    await cp(whole, out, { recursive: true });
    // The defenses are asked anew, so that the images must be read.
    const blobs = new Set<string>();
    for (const name of await readdir(join(out, 'steps'))) {
      const path = join(out, 'steps', name);
      const record = JSON.parse(await readFile(path, 'utf8')) as {
        kind: string;
        outputs: Record<string, string>;
      };
      if (record.kind === 'defend') await rm(path);
      if (record.kind === 'attack') for (const blob of Object.values(record.outputs)) blobs.add(blob);
    }
    const undamaged = await runTournament(rules, { out, hosts });
    expect(undamaged).toEqual({ ...result, boards: undamaged.boards });
    expect(await written(out)).toEqual(await written(whole));
    for (const name of await readdir(join(out, 'steps'))) {
      const record = JSON.parse(await readFile(join(out, 'steps', name), 'utf8')) as { kind: string };
      if (record.kind === 'defend') await rm(join(out, 'steps', name));
    }
    for (const blob of blobs) await writeFile(join(out, 'blobs', blob), 'other bytes');
    expect(await errorOf(runTournament(rules, { out, hosts }))).toMatch(
      /^BLOB_DAMAGED .*not what its name says/,
    );
  });
});
