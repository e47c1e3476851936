// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../catalog/index.ts';
import { alma } from './alma.ts';
import { apgd } from './apgd.ts';
import { bandits } from './bandits.ts';
import { bim } from './bim.ts';
import { boundary } from './boundary.ts';
import { brightness } from './brightness.ts';
import { contrast } from './contrast.ts';
import { cw } from './cw.ts';
import { ddn } from './ddn.ts';
import { deepfool } from './deepfool.ts';
import type { Attack } from './define.ts';
import { ead } from './ead.ts';
import { fab } from './fab.ts';
import { fatfinger } from './fatfinger.ts';
import { featureDistortion } from './feature-distortion.ts';
import { ffgsm } from './ffgsm.ts';
import { fgsm } from './fgsm.ts';
import { fmn } from './fmn.ts';
import { gaussianBlur } from './gaussian-blur.ts';
import { geoda } from './geoda.ts';
import { hopSkipJump } from './hop-skip-jump.ts';
import { inTurn } from './in-turn.ts';
import { intermediateLevel } from './intermediate-level.ts';
import { iterTargetClass } from './iter-target-class.ts';
import { jsma } from './jsma.ts';
import { lbfgs } from './lbfgs.ts';
import { miFgsm } from './mi-fgsm.ts';
import { nes } from './nes.ts';
import { noop } from './noop.ts';
import { onePixel } from './one-pixel.ts';
import { pgd } from './pgd.ts';
import { piFgsm } from './pi-fgsm.ts';
import { presets } from './presets/index.ts';
import { priorGuided } from './prior-guided.ts';
import { rFgsm } from './r-fgsm.ts';
import { randomNoise } from './random-noise.ts';
import { rays } from './rays.ts';
import { repeatedNoise } from './repeated-noise.ts';
import { saltAndPepper } from './salt-and-pepper.ts';
import { sangxiaNontargeted } from './sangxia-nontargeted.ts';
import { sangxiaTargeted } from './sangxia-targeted.ts';
import { sigmaZero } from './sigma-zero.ts';
import { signOpt } from './sign-opt.ts';
import { simba } from './simba.ts';
import { smallestRadius } from './smallest-radius.ts';
import { sparsePgd } from './sparse-pgd.ts';
import { sparseRs } from './sparse-rs.ts';
import { spatial } from './spatial.ts';
import { spsa } from './spsa.ts';
import { square } from './square.ts';
import { stepTargetClass } from './step-target-class.ts';
import { sticker } from './sticker.ts';
import { toshiKNontargeted } from './toshi-k-nontargeted.ts';
import { toshiKTargeted } from './toshi-k-targeted.ts';
import { tsailTargeted } from './tsail-targeted.ts';
import { zoo } from './zoo.ts';

export * from './door.ts';

export {
  alma,
  apgd,
  bandits,
  bim,
  boundary,
  brightness,
  contrast,
  cw,
  ddn,
  deepfool,
  ead,
  fab,
  fatfinger,
  featureDistortion,
  ffgsm,
  fgsm,
  fmn,
  gaussianBlur,
  geoda,
  hopSkipJump,
  inTurn,
  intermediateLevel,
  iterTargetClass,
  jsma,
  lbfgs,
  miFgsm,
  nes,
  noop,
  onePixel,
  pgd,
  piFgsm,
  priorGuided,
  randomNoise,
  rays,
  repeatedNoise,
  rFgsm,
  saltAndPepper,
  sangxiaNontargeted,
  sangxiaTargeted,
  sigmaZero,
  signOpt,
  simba,
  sparsePgd,
  sparseRs,
  spatial,
  spsa,
  square,
  stepTargetClass,
  sticker,
  toshiKNontargeted,
  toshiKTargeted,
  tsailTargeted,
  zoo,
};

const single: readonly Attack[] = [
  alma,
  apgd,
  bandits,
  bim,
  boundary,
  brightness,
  contrast,
  cw,
  ddn,
  deepfool,
  ead,
  fab,
  fatfinger,
  featureDistortion,
  ffgsm,
  fgsm,
  fmn,
  gaussianBlur,
  geoda,
  hopSkipJump,
  inTurn,
  intermediateLevel,
  iterTargetClass,
  jsma,
  lbfgs,
  miFgsm,
  nes,
  noop,
  onePixel,
  pgd,
  piFgsm,
  priorGuided,
  rFgsm,
  randomNoise,
  rays,
  repeatedNoise,
  saltAndPepper,
  sangxiaNontargeted,
  sangxiaTargeted,
  sigmaZero,
  signOpt,
  simba,
  sparsePgd,
  sparseRs,
  spatial,
  spsa,
  square,
  stepTargetClass,
  sticker,
  toshiKNontargeted,
  toshiKTargeted,
  tsailTargeted,
  zoo,
  ...presets.all,
];

export const attacks: Catalog<Attack> = catalogOf('attack', [...single, smallestRadius(single)]);
