// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../catalog/index.ts';
import { bim } from './bim.ts';
import type { Attack } from './define.ts';
import { fgsm } from './fgsm.ts';
import { iterTargetClass } from './iter-target-class.ts';
import { miFgsm } from './mi-fgsm.ts';
import { noop } from './noop.ts';
import { pgd } from './pgd.ts';
import { randomNoise } from './random-noise.ts';
import { repeatedNoise } from './repeated-noise.ts';
import { square } from './square.ts';
import { stepTargetClass } from './step-target-class.ts';

export * from './door.ts';

export { bim, fgsm, iterTargetClass, miFgsm, noop, pgd, randomNoise, repeatedNoise, square, stepTargetClass };

export const attacks: Catalog<Attack> = catalogOf('attack', [
  bim,
  fgsm,
  iterTargetClass,
  miFgsm,
  noop,
  pgd,
  randomNoise,
  repeatedNoise,
  square,
  stepTargetClass,
]);
