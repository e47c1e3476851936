// What the room `attacks` offers beside its catalog.
export type { Access, Attack, AttackContext, Batch, Goal, GoalKind } from './define.ts';
export { defineAttack } from './define.ts';
export type { Limit } from './limit.ts';
export { ball } from './limit.ts';
export type { Tracker } from './track.ts';
export { attackMargins, track } from './track.ts';
export type { View } from './view.ts';
export { defineView } from './view.ts';
export * from './views/index.ts';
