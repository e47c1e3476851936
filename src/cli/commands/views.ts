import { views as catalog } from '../../attacks/index.ts';
import { defineCommand } from '../command.ts';
import { buildListing } from '../listing.ts';

export const views = defineCommand({
  name: 'views',
  summary: 'All views, or one of them: what it is, its options, an example.',
  build: (command) =>
    buildListing(command, {
      catalog,
      facts: () => ({}),
      example: (_, short) =>
        `advarena attack model.onnx --images images --labels labels.csv --attack pgd --epsilon 8/255 --through ${short}`,
    }),
});
