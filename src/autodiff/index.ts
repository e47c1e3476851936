export type { Cost } from './cost.ts';
export type { InspectionFlag } from './flags.ts';
export type { GradientOptions } from './gradient.ts';
export { gradient } from './gradient.ts';
export type {
  Blocker,
  Differentiability,
  Inspection,
  MissingSizes,
  OperatorUse,
  ZeroPath,
} from './inspect.ts';
export { inspect } from './inspect.ts';
export { defaultOutput } from './path.ts';
export { normalization } from './preparation.ts';
export type { BackwardContext, Rule, RuleFacts } from './rule.ts';
export { defineRule, zeroGradient } from './rule.ts';
export { rules } from './rules/index.ts';
export { suspicionsOf } from './suspicions.ts';
export { widenBrain } from './widen.ts';
