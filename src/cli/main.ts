#!/usr/bin/env node
import { Command } from 'commander';
import { version } from '../runtime/index.ts';
import { attackCommand } from './attack.ts';
import { dataCommand } from './data.ts';
import { fail, wrongUse } from './fail.ts';
import { gradientCommand } from './gradient.ts';
import { inspectCommand } from './inspect.ts';
import { tournamentCommand } from './tournament.ts';

const json = process.argv.includes('--json');
// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const program = new Command('advarena')
  .description(
    'The adversarial arena: attacks on image classifiers, defenses against them, tournaments of both.',
  )
  .version(version)
  .showSuggestionAfterError()
  .configureOutput({ outputError: (text) => fail(wrongUse(text), json) })
  .exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    throw error;
  });

for (const command of [
  attackCommand(),
  dataCommand(),
  gradientCommand(),
  inspectCommand(),
  tournamentCommand(),
])
  program.addCommand(inherit(command));

/** Sub-commands take over how errors are written and that they end with exit code 2. */
function inherit(command: Command): Command {
  command.copyInheritedSettings(program);
  for (const inner of command.commands) inherit(inner);
  return command;
}

try {
  await program.parseAsync();
} catch (error) {
  fail(error, json);
}
