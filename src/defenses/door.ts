// What the room `defenses` offers beside its catalog.
export { defend } from './defend.ts';
export type { Defense } from './define.ts';
export { defineDefense, defineTransform } from './define.ts';
