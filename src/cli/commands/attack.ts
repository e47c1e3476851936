import type { Command } from 'commander';
import { attacks } from '../../attacks/index.ts';
import { parseEntry } from '../../catalog/index.ts';
import { type AttackFlags, addAttackFlags } from '../attack/flags.ts';
import { runAttack } from '../attack/run.ts';
import { defineCommand } from '../command.ts';
import { addEntryFlags, withFlags } from '../entry-flags.ts';
import { probe } from '../probe.ts';

export const attack = defineCommand({
  name: 'attack',
  summary: 'Attacks a classifier with one attack and judges the images.',
  build(command) {
    command.argument('<model>', 'ONNX file; the sidecar beside it is found by itself');
    addAttackFlags(command);
    command.action((model: string, flags: AttackFlags, self: Command) =>
      runAttack(model, flags, withFlags(self, parseEntry(flags.attack, attacks), attacks.kind)),
    );
  },
  extend(command, words) {
    const chosen = probe(command, words)['attack'];
    if (typeof chosen === 'string' && chosen !== '') addEntryFlags(command, attacks, chosen);
  },
});
