import { Command } from 'commander';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalogOf, type EntrySpec, parseEntry } from '../catalog/index.ts';
import { AdvarenaError } from '../tensor/index.ts';
import { addEntryFlags, withFlags } from './entry-flags.ts';

const about = { title: 'Of the test', paper: 'test' };

/** Two attacks whose options of one name differ in type, and which would clash with flags of the command. */
const attacks = catalogOf('attack', [
  {
    ...about,
    name: 'first',
    options: z.strictObject({
      size: z.enum(['small', 'large']).default('small').describe('how large'),
      stepSize: z.number().default(0.5).describe('how far'),
      start: z.boolean().default(true).describe('begin anew'),
      quiet: z.boolean().default(false).describe('say nothing'),
      sizes: z.array(z.number()).optional().describe('one after the other'),
      file: z.string().optional().describe('where'),
      help: z.int().default(1).describe('would be taken for help'),
      noStart: z.int().default(1).describe('would be taken for the opposite of start'),
    }),
  },
  {
    ...about,
    name: 'second',
    options: z.strictObject({
      size: z.number().default(3).describe('how large'),
      stepSize: z.enum(['auto']).default('auto').describe('how far'),
      draws: z.int().default(1).describe('how often'),
      target: z.number().describe('what to reach'),
    }),
  },
]);

/** What a command with the flag --size of its own makes of a line. */
function parsed(chosen: string, line = ''): { spec: EntrySpec; size: unknown } {
  const command = new Command('try').exitOverride().configureOutput({ outputError: () => undefined });
  command.option('--size <pixels>').action(() => undefined);
  addEntryFlags(command, attacks, chosen);
  command.parse(line === '' ? [] : line.split(' '), { from: 'user' });
  return { spec: withFlags(command, parseEntry(chosen, attacks), 'attack'), size: command.opts()['size'] };
}

function errorOf(chosen: string, line: string): string {
  try {
    return JSON.stringify(parsed(chosen, line));
  } catch (error) {
    const { code, message, remedy } = error as AdvarenaError;
    return `${code} ${message} | ${remedy}`;
  }
}

test('flags have the types of the attack that is chosen', () => {
  expect(parsed('first', '--step-size 1/4 --no-start --quiet --sizes [1,2] --file a,b').spec).toEqual({
    name: 'first',
    options: { stepSize: 0.25, start: false, quiet: true, sizes: [1, 2], file: 'a,b' },
  });
  expect(parsed('first', '--step-size -1 --start --no-quiet').spec.options).toEqual({
    stepSize: -1,
    start: true,
    quiet: false,
  });
  expect(parsed('second', '--step-size auto').spec.options).toEqual({ stepSize: 'auto' });
});

test('what is not given is not set, and short form and flags are one', () => {
  expect(parsed('first').spec).toEqual({ name: 'first' });
  expect(parsed('first:quiet,sizes=[3]', '--file x').spec.options).toEqual({
    quiet: true,
    sizes: [3],
    file: 'x',
  });
});

test("a flag of the command's own stays its own", () => {
  const { spec, size } = parsed('first:size=large,help=2,noStart=3', '--size 8');
  expect({ size, options: spec.options }).toEqual({
    size: '8',
    options: { size: 'large', help: 2, noStart: 3 },
  });
});

test('what cannot be is told', () => {
  const said = [
    ['first', '--step-size auto'],
    ['first', '--quiet --no-quiet'],
    ['first', '--file a --file b'],
    ['first:file=a', '--file b'],
    ['first', '--draws 3'],
    ['first', '--no-draws'],
    ['second', '--start'],
    ['second:file=a', ''],
    ['second', '--draw 3'],
    ['second', '--sze 3'],
    ['frist', ''],
  ] as const;
  expect(said.map(([chosen, line]) => errorOf(chosen, line)).join('\n')).toMatchInlineSnapshot(`
    "OPTION The option stepSize of the attack first is "auto"; allowed: number. | Correct it; the options of the attack first are size, stepSize, start, quiet, sizes, file, help, noStart.
    OPTION The option quiet of the attack first is given twice. | Give it once.
    OPTION The option file of the attack first is given twice. | Give it once.
    OPTION The option file of the attack first is given twice. | Give it once.
    OPTION The attack first has no option "draws"; second has it. | Its options are size, stepSize, start, quiet, sizes, file, help, noStart.
    OPTION The attack first has no option "draws"; second has it. | Its options are size, stepSize, start, quiet, sizes, file, help, noStart.
    OPTION The attack second has no option "start"; first has it. | Its options are size, stepSize, draws, target.
    OPTION The attack second has no option "file"; first has it. | Its options are size, stepSize, draws, target.
    commander.unknownOption error: unknown option '--draw'
    (Did you mean --draws?) | undefined
    commander.unknownOption error: unknown option '--sze'
    (Did you mean --size?) | undefined
    UNKNOWN_NAME Unknown attack "frist". Choose one of: first, second. Did you mean "first"? | undefined"
  `);
});

test('help', () => {
  const help = (chosen: string): string => {
    const command = new Command('try').option('--size <pixels>', 'of the images');
    let text = '';
    command.configureOutput({ writeOut: (part) => (text += part) });
    addEntryFlags(command, attacks, chosen);
    command.outputHelp();
    return text;
  };
  expect(help('first')).toMatchInlineSnapshot(`
    "Usage: try [options]

    Options:
      --size <pixels>      of the images
      -h, --help           display help for command

    Options of the attack first:
      --step-size <value>  how far (number; default 0.5)
      --no-start           not: begin anew
      --quiet              say nothing
      --sizes <value>      one after the other (list of numbers)
      --file <value>       where (text)

    In the short form only, for their flags mean something else: size, help, noStart.
    "
  `);
  expect(help('second')).toMatchInlineSnapshot(`
    "Usage: try [options]

    Options:
      --size <pixels>      of the images
      -h, --help           display help for command

    Options of the attack second:
      --step-size <value>  how far (auto; default auto)
      --draws <value>      how often (whole number; default 1)
      --target <value>     what to reach (number; required)

    In the short form only, for their flags mean something else: size.
    "
  `);
});
