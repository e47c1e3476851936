// Generated from the files of this folder by `npm run catalog`. Do not edit.

import type { Rule } from '../rule.ts';
import { floor } from './Floor.ts';
import { mul } from './Mul.ts';
import { sigmoid } from './Sigmoid.ts';

export const rules: ReadonlyMap<string, Rule> = new Map(
  ([floor, mul, sigmoid] as readonly Rule[]).map((e) => [e.domain === '' ? e.op : `${e.domain}.${e.op}`, e]),
);
