// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../../catalog/index.ts';
import type { View } from '../view.ts';
import { affineJitter } from './affine-jitter.ts';
import { bpda } from './bpda.ts';
import { diversity } from './diversity.ts';
import { eot } from './eot.ts';
import { scale } from './scale.ts';

export { affineJitter, bpda, diversity, eot, scale };

export const views: Catalog<View> = catalogOf('view', [affineJitter, bpda, diversity, eot, scale]);
