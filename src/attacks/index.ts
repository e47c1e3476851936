// Generated from the files of this folder by `npm run catalog`. Do not edit.
import type { Attack } from './define.ts';

export * from './door.ts';

export const attacks: readonly Attack[] = [];
