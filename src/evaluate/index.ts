export { type Check, hard, lossDifference, maskingChecks, transferChecks } from './claims.ts';
export type { Source, Trial, TrialImages, TrialResult } from './trials.ts';
export { holdTrial, maskingTrials, standardTrials, transferTrials } from './trials.ts';
