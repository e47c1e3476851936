import { type Attack, attacks as catalog } from '../../attacks/index.ts';
import type { CatalogPage } from '../../report/index.ts';
import type { Norm } from '../../tensor/index.ts';
import { defineCommand } from '../command.ts';
import { buildListing } from '../listing.ts';

export function facts({
  access,
  opponent,
  members,
  norms,
  goals,
  radius,
  region,
  queries,
}: Attack): CatalogPage['facts'] {
  return {
    access,
    norms,
    goals,
    radius,
    region: region ?? 'optional',
    sources: access === 'none' ? 'none' : members === true ? 'one by one' : 'as one',
    opponent: opponent ?? 'none',
    queries: queries === undefined ? 'no limit' : `${queries} per image by default`,
  };
}

/** A common radius of each norm. */
const radii: Record<Norm, string> = {
  linf: '8/255',
  l2: '0.5',
  l1: '10',
  l0: '20',
  'l0-entries': '60',
};

export const attacks = defineCommand({
  name: 'attacks',
  summary: 'All attacks, or one of them: what it is, its options, an example.',
  build: (command) =>
    buildListing(command, {
      catalog,
      facts,
      example,
    }),
});

export function example({ norms, goals, radius, region, access, members }: Attack, short: string): string {
  const norm = norms.includes('linf') ? 'linf' : (norms[0] as Norm);
  const named = norm === 'l0-entries' ? ' --norm l0 --l0 entries' : ` --norm ${norm}`;
  return [
    `advarena attack model.onnx --images images --labels labels.csv --attack ${short}`,
    ...(norm === 'linf' ? [] : [named.trim()]),
    ...(radius === 'minimum' ? [] : [`--epsilon ${region === 'needed' ? 'free --area 0.05' : radii[norm]}`]),
    ...(members === true && access !== 'none' ? ['--source other.onnx'] : []),
    ...(goals.includes('untargeted')
      ? []
      : [goals.includes('targeted') ? '--targets next' : '--goal least-likely']),
  ].join(' ');
}
