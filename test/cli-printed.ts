import { expect } from 'vitest';
import type { NamedAttackResult } from '../src/report/index.ts';
import type { openWorld } from './cli-world.ts';

type World = Pick<Awaited<ReturnType<typeof openWorld>>, 'all'>;

/** What lines print, none of which fails. */
export async function printedBy(world: World, lines: readonly string[]): Promise<string[]> {
  return (await world.all(lines)).map(({ out, err, code }) => {
    expect({ err, code }).toEqual({ err: '', code: 0 });
    return out;
  });
}

/** Results of one attack each, as JSON. */
export async function resultsOf(world: World, lines: readonly string[]): Promise<NamedAttackResult[]> {
  const texts = await printedBy(
    world,
    lines.map((line) => `attack ${line} --json`),
  );
  return texts.map((text) => JSON.parse(text) as NamedAttackResult);
}
