import { Command } from 'commander';
import { version } from '../runtime/index.ts';
import { commands } from './commands/index.ts';
import { fail } from './fail.ts';
import { guard } from './guard.ts';
import { called, probe } from './probe.ts';
import { beStrict } from './strict.ts';

/** Runs one command line, without the name of the program; what it prints and its exit code are the process's. */
export async function cli(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) guard(stream);
  const program = new Command('advarena')
    .description(
      'The adversarial arena: attacks on image classifiers, defenses against them, tournaments of both.',
    )
    .version(version)
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  // Sub-commands take over these settings when they are made by `command`.
  for (const definition of commands)
    definition.build(program.command(definition.name).description(definition.summary));
  const command = called(program, words);
  const json = probe(command, words)['json'] === true;
  try {
    if (command.parent === program)
      commands.find(({ name }) => name === command.name())?.extend?.(command, words);
    beStrict(command);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    fail(error, json);
  }
}
