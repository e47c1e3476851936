export { attack } from './attack.ts';
export type { AttackProgress, AttackWork, Predictions, PredictWork } from './jobs.ts';
export { attackJob, predictJob, predictWith } from './jobs.ts';
export type { Judged } from './judge-images.ts';
export { judgeImages } from './judge-images.ts';
export type { Assignment, Parties, Proposal, Watch } from './make-images.ts';
export { makeImages } from './make-images.ts';
export type { AttackRequest } from './request.ts';
export { defaultNorm, refuseQueries, refuseUnsuited } from './request.ts';
export type { AttackOutcome, AttackResult, CurvePoint, SampleResult } from './result.ts';
export { withinEpsilon } from './scoring.ts';
export { hashRows, nameOf, roleSeed, secretOf } from './secrets.ts';
export type { AttackSpec, ResolvedAttack } from './specs.ts';
export {
  attackSpecOf,
  openSubject,
  resolveAttack,
  resolveDefense,
  resolved,
  resolveViews,
  subjectOf,
} from './specs.ts';
export {
  chanceFlags,
  gradientFlags,
  type IdleView,
  idleFlags,
  levelFlags,
  outsideFlags,
  scoreFlags,
  shareFlags,
  shiftFlags,
} from './suspicions.ts';
export { openedBy } from './team.ts';
