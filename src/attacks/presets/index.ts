// Generated from the files of this folder by `npm run catalog`. Do not edit.
import { type Catalog, catalogOf } from '../../catalog/index.ts';
import type { Attack } from '../define.ts';
import { pgd } from '../pgd.ts';
import { presetAttack } from '../preset.ts';
import { square } from '../square.ts';

export const pgdThenSquare = presetAttack({
  name: 'pgd-then-square',
  title: 'PGD on the margin, then Square on what it left',
  paper:
    'after Croce and Hein 2020, arXiv:2003.01690, section 5 (a gradient attack, then a blind one on the survivors)',
  parts: [
    { attack: pgd, options: { steps: 40, loss: 'margin' } },
    { attack: square, queries: 1000, on: 'standing' },
  ],
});

export const presets: Catalog<Attack> = catalogOf('preset', [pgdThenSquare]);
