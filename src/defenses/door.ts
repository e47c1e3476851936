// What the room `defenses` offers beside its catalog.
export type { Defended } from './defend.ts';
export { defend, isDefended } from './defend.ts';
export type { Defense } from './define.ts';
export { defineDefense, defineTransform } from './define.ts';
