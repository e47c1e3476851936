// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../../catalog/index.ts';
import { adversarialTraining } from './adversarial-training.ts';
import type { TrainingDefense } from './define.ts';
import { ensembleAdversarialTraining } from './ensemble-adversarial-training.ts';

export { adversarialTraining, ensembleAdversarialTraining };

export const trainingDefenses: Catalog<TrainingDefense> = catalogOf('training defense', [
  adversarialTraining,
  ensembleAdversarialTraining,
]);
