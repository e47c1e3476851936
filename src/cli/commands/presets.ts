import { presets as catalog } from '../../attacks/index.ts';
import { defineCommand } from '../command.ts';
import { buildListing } from '../listing.ts';
import { example, facts } from './attacks.ts';

export const presets = defineCommand({
  name: 'presets',
  summary: 'All presets, recipes of several attacks, or one of them; a preset stands wherever an attack may.',
  build: (command) => buildListing(command, { catalog, facts, example }),
});
