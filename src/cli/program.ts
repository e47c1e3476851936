import { Command } from 'commander';
import { version } from '../runtime/index.ts';
import { attackCommand } from './attack.ts';
import { dataCommand } from './data.ts';
import { fail, wrongUse } from './fail.ts';
import { gradientCommand } from './gradient.ts';
import { inspectCommand } from './inspect.ts';
import { tournamentCommand } from './tournament.ts';
import { zooCommand } from './zoo.ts';

/** Runs one command line, without the name of the program; what it prints and its exit code are the process's. */
export async function cli(words: readonly string[]): Promise<void> {
  const json = words.includes('--json');
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
  // Sub-commands take over how errors are written and that they end with exit code 2.
  const inherit = (command: Command): Command => {
    command.copyInheritedSettings(program);
    for (const inner of command.commands) inherit(inner);
    return command;
  };
  for (const command of [
    attackCommand(),
    dataCommand(),
    gradientCommand(),
    inspectCommand(),
    tournamentCommand(),
    zooCommand(),
  ])
    program.addCommand(inherit(command));
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    fail(error, json);
  }
}
