// Generated from the files of this folder by `npm run catalog`. Do not edit.
import type { Defense } from './define.ts';

export * from './door.ts';

export const defenses: readonly Defense[] = [];
