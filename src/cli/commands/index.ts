// Generated from the files of this folder by `npm run catalog`. Do not edit.

import type { CommandDefinition } from '../command.ts';
import { attack } from './attack.ts';
import { attacks } from './attacks.ts';
import { data } from './data.ts';
import { defenses } from './defenses.ts';
import { doctor } from './doctor.ts';
import { gradient } from './gradient.ts';
import { inspect } from './inspect.ts';
import { presets } from './presets.ts';
import { sidecar } from './sidecar.ts';
import { tournament } from './tournament.ts';
import { views } from './views.ts';
import { zoo } from './zoo.ts';

export const commands: readonly CommandDefinition[] = [
  attack,
  attacks,
  data,
  defenses,
  doctor,
  gradient,
  inspect,
  presets,
  sidecar,
  tournament,
  views,
  zoo,
];
