// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../catalog/index.ts';
import { bitDepth } from './bit-depth.ts';
import type { Defense } from './define.ts';
import { featureSqueezing } from './feature-squeezing.ts';
import { jpeg } from './jpeg.ts';
import { median } from './median.ts';
import { none } from './none.ts';
import { randomResize } from './random-resize.ts';

export * from './door.ts';

export { bitDepth, featureSqueezing, jpeg, median, none, randomResize };

export const defenses: Catalog<Defense> = catalogOf('defense', [
  bitDepth,
  featureSqueezing,
  jpeg,
  median,
  none,
  randomResize,
]);
