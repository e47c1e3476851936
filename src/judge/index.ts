export { earlyStop } from './early-stop.ts';
export type { AttackProgress, AttackWork, Predictions, PredictWork } from './jobs.ts';
export { attackJob, predictJob, predictWith } from './jobs.ts';
export type { Judged, Pixels } from './judge-images.ts';
export { judgeImages } from './judge-images.ts';
export type { Assignment, Proposal, Watch } from './make-images.ts';
export { makeImages } from './make-images.ts';
export type { AttackSpec, NamedSpec, ResolvedAttack, Subject } from './specs.ts';
export { openSubject, resolveAttack, resolveDefense } from './specs.ts';
