// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../catalog/index.ts';
import { apgd } from './apgd.ts';
import { bim } from './bim.ts';
import { boundary } from './boundary.ts';
import { ddn } from './ddn.ts';
import type { Attack } from './define.ts';
import { fab } from './fab.ts';
import { featureDistortion } from './feature-distortion.ts';
import { ffgsm } from './ffgsm.ts';
import { fgsm } from './fgsm.ts';
import { geoda } from './geoda.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { inTurn } from './in-turn.ts';
import { iterTargetClass } from './iter-target-class.ts';
import { miFgsm } from './mi-fgsm.ts';
import { nes } from './nes.ts';
import { noop } from './noop.ts';
import { pgd } from './pgd.ts';
import { piFgsm } from './pi-fgsm.ts';
import { presets } from './presets/index.ts';
import { priorGuided } from './prior-guided.ts';
import { rFgsm } from './r-fgsm.ts';
import { randomNoise } from './random-noise.ts';
import { rays } from './rays.ts';
import { repeatedNoise } from './repeated-noise.ts';
import { signOpt } from './sign-opt.ts';
import { square } from './square.ts';
import { stepTargetClass } from './step-target-class.ts';
import { sticker } from './sticker.ts';

export * from './door.ts';

export {
  apgd,
  bim,
  boundary,
  ddn,
  fab,
  featureDistortion,
  ffgsm,
  fgsm,
  geoda,
  hopSkipJump,
  inTurn,
  iterTargetClass,
  miFgsm,
  nes,
  noop,
  pgd,
  piFgsm,
  priorGuided,
  randomNoise,
  rays,
  repeatedNoise,
  rFgsm,
  signOpt,
  square,
  stepTargetClass,
  sticker,
};

export const attacks: Catalog<Attack> = catalogOf('attack', [
  apgd,
  bim,
  boundary,
  ddn,
  fab,
  featureDistortion,
  ffgsm,
  fgsm,
  geoda,
  hopSkipJump,
  inTurn,
  iterTargetClass,
  miFgsm,
  nes,
  noop,
  pgd,
  piFgsm,
  priorGuided,
  rFgsm,
  randomNoise,
  rays,
  repeatedNoise,
  signOpt,
  square,
  stepTargetClass,
  sticker,
  ...presets.all,
]);
