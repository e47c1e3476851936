import type { Command } from 'commander';
import { attacks } from '../../attacks/index.ts';
import { parseEntry } from '../../catalog/index.ts';
import { type AttackFlags, addAttackFlags } from '../attack/flags.ts';
import { runAttack } from '../attack/run.ts';
import { isSeveral, runSeveral } from '../attack/several.ts';
import { defineCommand } from '../command.ts';
import { addEntryFlags, refuseEntryFlags, withFlags } from '../entry-flags.ts';
import { probe } from '../probe.ts';

export const attack = defineCommand({
  name: 'attack',
  summary: 'Attacks a classifier and judges the images.',
  build(command) {
    command.argument('<model>', 'ONNX file; the sidecar beside it is found by itself');
    addAttackFlags(command);
    command.action((model: string, flags: AttackFlags, self: Command) =>
      isSeveral(flags)
        ? runSeveral(model, flags)
        : runAttack(model, flags, withFlags(self, parseEntry(flags.attack[0] ?? '', attacks), attacks.kind)),
    );
  },
  extend(command, words) {
    const chosen = probe(command, words)['attack'];
    if (!Array.isArray(chosen)) return;
    const [only = ''] = chosen as string[];
    if (isSeveral({ attack: chosen as string[] })) refuseEntryFlags(command, attacks, chosen as string[]);
    else if (only !== '') addEntryFlags(command, attacks, only);
  },
});
