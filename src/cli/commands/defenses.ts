import { defenses as catalog } from '../../defenses/index.ts';
import { defineCommand } from '../command.ts';
import { buildListing } from '../listing.ts';

export const defenses = defineCommand({
  name: 'defenses',
  summary: 'All defenses, or one of them: what it is, its options, an example.',
  build: (command) =>
    buildListing(command, {
      catalog,
      facts: () => ({}),
      example: (_, short) =>
        `advarena attack model.onnx --images images --labels labels.csv --attack pgd --epsilon 8/255 --defense ${short} --through bpda`,
    }),
});
