export type { AttackOutcome, AttackRequest, AttackResult, SampleResult } from './attack.ts';
export { attack } from './attack.ts';
export { earlyStop } from './early-stop.ts';
export type { AttackProgress, AttackWork, Predictions, PredictWork } from './jobs.ts';
export { attackJob, predictJob, predictWith } from './jobs.ts';
export type { Judged, Pixels } from './judge-images.ts';
export { judgeImages } from './judge-images.ts';
export type { Assignment, Proposal, Watch } from './make-images.ts';
export { makeImages, zeroGradients } from './make-images.ts';
export type { AttackSpec, ResolvedAttack, Subject } from './specs.ts';
export {
  attackSpecOf,
  openSubject,
  resolveAttack,
  resolveDefense,
  resolveViews,
  subjectOf,
} from './specs.ts';
