import { elementwise } from '../broadcast.ts';

export const mod = elementwise('Mod', [2, 2]);
