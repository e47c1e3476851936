import { Command, CommanderError, Option } from 'commander';
import { collect } from './values.ts';

/**
 * What words say of a command's flags, before they are parsed for good: nothing is checked, and flags that the command
 * does not have are passed over.
 */
export function probe(command: Command, words: readonly string[]): Record<string, unknown> {
  const bare = new Command().exitOverride().configureOutput({ outputError: () => undefined });
  for (const { flags, parseArg } of command.options) {
    const option = new Option(flags);
    bare.addOption(parseArg === collect ? option.argParser(collect) : option);
  }
  try {
    bare.parseOptions([...words]);
  } catch (error) {
    // The last flag lacks its value, which the parser tells.
    if (!(error instanceof CommanderError)) throw error;
  }
  return bare.opts();
}

/** The command that words call: as deep as they name sub-commands. */
export function called(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    if (word.startsWith('-')) continue;
    const inner = command.commands.find((c) => c.name() === word);
    if (inner === undefined) break;
    command = inner;
  }
  return command;
}
