// Generated from the files of this folder by `npm run catalog`. Do not edit.

import type { OpDefinition } from '../op.ts';
import { mul } from './Mul.ts';
import { relu } from './Relu.ts';
import { shape } from './Shape.ts';
import { sigmoid } from './Sigmoid.ts';

export const operators: ReadonlyMap<string, OpDefinition> = new Map(
  ([mul, relu, shape, sigmoid] as readonly OpDefinition[]).map((e) => [
    e.domain === '' ? e.op : `${e.domain}.${e.op}`,
    e,
  ]),
);
