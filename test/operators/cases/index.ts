import type { Case } from '../case.ts';
import { attending } from './attending.ts';
import { elementwise } from './elementwise.ts';
import { moving } from './moving.ts';
import { normalising } from './normalising.ts';
import { quantised } from './quantised.ts';
import { quantisedWindows } from './quantised-windows.ts';
import { reducing } from './reducing.ts';
import { resizing } from './resizing.ts';
import { sequences } from './sequences.ts';
import { tables } from './tables.ts';
import { slidingWindows } from './windows.ts';

export const cases: readonly Case[] = [
  ...elementwise,
  ...slidingWindows,
  ...normalising,
  ...reducing,
  ...moving,
  ...resizing,
  ...attending,
  ...quantised,
  ...quantisedWindows,
  ...tables,
  ...sequences,
];
