import type { Command } from 'commander';

/** One command, as data. */
export interface CommandDefinition {
  readonly name: string;
  /** What it does, one sentence. */
  readonly summary: string;
  /** Declares arguments, flags, sub-commands and what is done. */
  build(command: Command): void;
  /**
   * Declares flags that depend on what the words name; only of the command that is called.
   * @param words all of the command line
   * @throws AdvarenaError where what they name is not there
   */
  extend?(command: Command, words: readonly string[]): void;
}

/** A command of the command line. Pure: registers nothing. */
export function defineCommand(definition: CommandDefinition): CommandDefinition {
  return definition;
}
