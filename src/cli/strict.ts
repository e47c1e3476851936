import type { Command } from 'commander';
import { AdvarenaError } from '../tensor/index.ts';
import { inputOf } from './attack/flag-values.ts';
import { collect } from './values.ts';

/** What reads flags that may be repeated. */
const gathering: ReadonlySet<unknown> = new Set([collect, inputOf]);

/**
 * Refuses what the parser takes without a word: a second value of a flag of one, of which the last would count, and
 * empty words, which variables of a shell are that nobody set.
 */
export function beStrict(command: Command): void {
  for (const option of command.options) {
    if (!option.required && !option.optional) continue;
    const flag = option.long ?? option.flags;
    let times = 0;
    command.on(`option:${option.name()}`, (value: unknown) => {
      times++;
      if (value === '') throw empty(flag);
      if (times > 1 && !gathering.has(option.parseArg) && !option.variadic)
        throw new AdvarenaError('ARGUMENT', `${flag} is given twice.`, { remedy: 'Give it once.' });
    });
  }
  command.hook('preAction', () => {
    const at = command.args.indexOf('');
    if (at >= 0) throw empty(`<${command.registeredArguments[at]?.name()}>`);
  });
}

function empty(name: string): AdvarenaError {
  return new AdvarenaError('ARGUMENT', `${name} is empty.`, {
    remedy: 'Give it a value; a variable of the shell may not be set.',
  });
}
