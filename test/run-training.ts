import { setTimeout } from 'node:timers/promises';
import { adamW, classification, convNet, cosine, shuffled, train } from 'advarena/training';
import { drawShapes } from './shapes.ts';

// Trains a small network with a checkpoint: `run-training.ts FILE [STEP]`. Prints each step; dawdles at the step named,
// so that a test can kill it there.
const [file = '', dawdle] = process.argv.slice(2);
const steps = 24;
const batch = shuffled(drawShapes(64, 1, 'train'), {
  size: 8,
  seed: 1,
  augmentation: { flip: true, shift: 3, cutout: 6 },
});
await train({
  network: convNet({ height: 32, width: 32, classes: 10, widths: [4, 8], dropout: 0.2, seed: 1 }),
  losses: [classification({ smoothing: 0.05 })],
  optimizer: adamW(),
  schedule: cosine({ rate: 0.01, steps }),
  batches: async (step) => {
    if (String(step) === dawdle) await setTimeout(60_000);
    return batch(step);
  },
  steps,
  seed: 1,
  clip: 1,
  average: 0.9,
  checkpoint: { file, every: 5 },
  validation: { every: 4, measure: async (network) => network.parameters.length },
  onProgress: ({ step }) => console.log(`step ${step}`),
});
