// What the room `defenses` offers beside its catalog.
export type { Defended } from './defend.ts';
export { defend, isDefended } from './defend.ts';
export type { Defense } from './define.ts';
export { defineDefense, defineTransform } from './define.ts';
export type { Hardening, TrainingContext, TrainingDefense } from './training/define.ts';
export { defineTrainingDefense } from './training/define.ts';
export * from './training/index.ts';
