// What the room `defenses` offers beside its catalog.
export { defend } from './defend.ts';
export type { Defense, DefenseContext, Transform } from './define.ts';
export { defineDefense, defineTransform } from './define.ts';
export type { Hardening, TrainingContext, TrainingDefense } from './training/define.ts';
export { defineTrainingDefense } from './training/define.ts';
export * from './training/index.ts';
