// Generated from the files of this folder by `npm run catalog`. Do not edit.
import { type Catalog, catalogOf } from '../../catalog/index.ts';
import { apgd } from '../apgd.ts';
import type { Attack } from '../define.ts';
import { fab } from '../fab.ts';
import { miFgsm } from '../mi-fgsm.ts';
import { pgd } from '../pgd.ts';
import { presetAttack } from '../preset.ts';
import { square } from '../square.ts';

export const autoattackPlus = presetAttack({
  name: 'autoattack-plus',
  title: 'AutoAttack, plus: five restarts, also the untargeted forms',
  paper: 'Croce and Hein 2020, arXiv:2003.01690, as the version "plus" of the authors\' code',
  heldTo: 'its parts',
  parts: [
    { attack: apgd, options: { restarts: 5 } },
    { attack: apgd, options: { loss: 'dlr', restarts: 5 }, on: 'standing' },
    { attack: fab, options: { targetClasses: 0, restarts: 5 }, on: 'standing' },
    { attack: square, options: { schedule: 10000 }, queries: 5000, on: 'standing' },
    { attack: apgd, options: { loss: 'dlr-targeted', targetClasses: 9 }, on: 'standing' },
    { attack: fab, on: 'standing' },
  ],
});

export const autoattackRand = presetAttack({
  name: 'autoattack-rand',
  title: 'AutoAttack, rand: APGD on means of 20 gradients, for random models',
  paper: 'Croce and Hein 2020, arXiv:2003.01690, section 6, as the version "rand" of the authors\' code',
  heldTo: 'its parts',
  through: [{ name: 'eot', options: { draws: 20 } }],
  parts: [{ attack: apgd }, { attack: apgd, options: { loss: 'dlr' }, on: 'standing' }],
});

export const autoattack = presetAttack({
  name: 'autoattack',
  title: 'AutoAttack, standard: APGD, APGD towards classes, FAB towards classes, Square',
  paper:
    'Croce and Hein 2020, arXiv:2003.01690, section 6 (APGD-CE, APGD-T, FAB-T, Square, each on what still stands); in l1 arXiv:2103.01208',
  heldTo: 'auto-attack of its authors',
  parts: [
    { attack: apgd, inNorm: { l1: { restarts: 5 } } },
    {
      attack: apgd,
      options: { loss: 'dlr-targeted', targetClasses: 9 },
      inNorm: { l1: { targetClasses: 5 } },
      on: 'standing',
    },
    { attack: fab, on: 'standing' },
    { attack: square, options: { schedule: 10000 }, queries: 5000, on: 'standing' },
  ],
});

export const diFgsm = presetAttack({
  name: 'di-fgsm',
  title: 'Diverse inputs, with momentum',
  paper: 'Xie et al. 2018, arXiv:1803.06978, eq. 3 to 5 (M-DI2-FGSM)',
  heldTo: 'its attack with its options, bit for bit',
  through: [{ name: 'diversity' }],
  parts: [{ attack: miFgsm }],
});

export const logitTiDi = presetAttack({
  name: 'logit-ti-di',
  title: "The target's logit over 300 steps, diverse inputs, translations and momentum",
  paper: 'Zhao et al. 2020, arXiv:2012.11207, section 3.2; steps of 2/255',
  heldTo: 'its attack with its options, bit for bit',
  through: [{ name: 'diversity', options: { odds: 0.7 } }],
  parts: [
    { attack: miFgsm, options: { steps: 300, stepSize: 0.00784313725490196, loss: 'logit', kernel: 5 } },
  ],
});

export const marginEnsemble = presetAttack({
  name: 'margin-ensemble',
  title: 'APGD on the margin of probabilities, then towards classes',
  paper: 'after arXiv:2411.15210, section 3 (probability margin); towards classes as arXiv:2003.01690',
  heldTo: 'auto-attack of its authors',
  parts: [
    { attack: apgd, options: { loss: 'probability-margin' } },
    { attack: apgd, options: { loss: 'dlr-targeted', targetClasses: 9 }, on: 'standing' },
  ],
});

export const niFgsm = presetAttack({
  name: 'ni-fgsm',
  title: 'Nesterov iterative fast gradient sign method',
  paper: 'Lin et al. 2019, arXiv:1908.06281, section 3.1',
  heldTo: 'its attack with its options, bit for bit',
  parts: [{ attack: miFgsm, options: { nesterov: true } }],
});

export const pgdThenSquare = presetAttack({
  name: 'pgd-then-square',
  title: 'PGD on the margin, then Square on what it left',
  paper:
    'after Croce and Hein 2020, arXiv:2003.01690, section 5 (a gradient attack, then a blind one on the survivors)',
  heldTo: 'closed forms',
  parts: [
    { attack: pgd, options: { steps: 40, loss: 'margin' } },
    { attack: square, queries: 1000, on: 'standing' },
  ],
});

export const siFgsm = presetAttack({
  name: 'si-fgsm',
  title: "Scale-invariant gradients at Nesterov's point (SI-NI-FGSM)",
  paper: 'Lin et al. 2019, arXiv:1908.06281, section 3.2',
  heldTo: 'its attack with its options, bit for bit',
  through: [{ name: 'scale' }],
  parts: [{ attack: miFgsm, options: { nesterov: true } }],
});

export const siNiTiDi = presetAttack({
  name: 'si-ni-ti-di',
  title: "Scales, Nesterov's point, translations and diverse inputs at once",
  paper: 'Lin et al. 2019, arXiv:1908.06281, section 3.3 (SI-NI-TI-DIM)',
  heldTo: 'its attack with its options, bit for bit',
  through: [{ name: 'scale' }, { name: 'diversity' }],
  parts: [{ attack: miFgsm, options: { nesterov: true, kernel: 15 } }],
});

export const tiDiFgsm = presetAttack({
  name: 'ti-di-fgsm',
  title: 'Translation-invariant gradients of diverse inputs, with momentum',
  paper: 'Dong et al. 2019, arXiv:1904.02884, section 3.3 (TI-DIM)',
  heldTo: 'its attack with its options, bit for bit',
  through: [{ name: 'diversity' }],
  parts: [{ attack: miFgsm, options: { kernel: 15 } }],
});

export const tiFgsm = presetAttack({
  name: 'ti-fgsm',
  title: 'Translation-invariant gradients, with momentum',
  paper: 'Dong et al. 2019, arXiv:1904.02884, eq. 7 (TI-MI-FGSM)',
  heldTo: 'its attack with its options, bit for bit',
  parts: [{ attack: miFgsm, options: { kernel: 15 } }],
});

export const tsailNontargeted = presetAttack({
  name: 'tsail-nontargeted',
  title: "TSAIL's momentum steps on an ensemble of logits",
  paper:
    'NIPS 2017 competition, 1st non-targeted (TSAIL), read in dongyp13/Non-Targeted-Adversarial-Attacks; arXiv:1710.06081',
  heldTo: 'its attack with its options, bit for bit',
  parts: [{ attack: miFgsm, options: { steps: 10, decay: 1 } }],
});

export const vmiFgsm = presetAttack({
  name: 'vmi-fgsm',
  title: 'Variance-tuned momentum',
  paper: 'Wang and He 2021, arXiv:2103.15571, algorithm 1',
  heldTo: 'its attack with its options, bit for bit',
  parts: [{ attack: miFgsm, options: { neighbours: 20 } }],
});

export const vniFgsm = presetAttack({
  name: 'vni-fgsm',
  title: "Variance-tuned momentum at Nesterov's point",
  paper: 'Wang and He 2021, arXiv:2103.15571, section 3.3',
  heldTo: 'its attack with its options, bit for bit',
  parts: [{ attack: miFgsm, options: { nesterov: true, neighbours: 20 } }],
});

export const presets: Catalog<Attack> = catalogOf('preset', [
  autoattackPlus,
  autoattackRand,
  autoattack,
  diFgsm,
  logitTiDi,
  marginEnsemble,
  niFgsm,
  pgdThenSquare,
  siFgsm,
  siNiTiDi,
  tiDiFgsm,
  tiFgsm,
  tsailNontargeted,
  vmiFgsm,
  vniFgsm,
]);
