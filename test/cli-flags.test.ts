import { Command, type Option } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../src/cli/commands/index.ts';
import { openWorld } from './cli-world.ts';

/** What holds of the flags of all commands. */

let world: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** All commands that do something, with the words that call them. */
function leaves(): { words: string; command: Command }[] {
  const program = new Command();
  for (const definition of commands) definition.build(program.command(definition.name));
  const below = (command: Command, words: string[]): { words: string; command: Command }[] =>
    command.commands.length === 0
      ? [{ words: words.join(' '), command }]
      : command.commands.flatMap((inner) => below(inner, [...words, inner.name()]));
  return program.commands.flatMap((command) => below(command, [command.name()]));
}

const valueOf = ({ argChoices, long }: Option): string =>
  argChoices?.[0] ?? (long === '--attack' ? 'noop' : '1');

const ofOneValue = leaves().flatMap(({ words, command }) =>
  command.options
    .filter(({ required, variadic, description }) => required && !variadic && !/repeat/.test(description))
    .map((option) => ({ words, flag: option.long as string, value: valueOf(option) })),
);

test('a flag of one value is not given twice', async () => {
  expect(ofOneValue.length).toBeGreaterThan(40);
  const twice = await world.all(
    ofOneValue.map(({ words, flag, value }) => `${words} ${flag} ${value} ${flag} ${value}`),
  );
  expect(twice.map(({ err, code }) => `${err.split('\n')[0]} ${code}`)).toEqual(
    ofOneValue.map(({ flag }) => `error ARGUMENT  ${flag} is given twice. 2`),
  );
});

test('no flag and no argument is empty, as variables are that nobody set', async () => {
  // Two spaces are an empty word.
  const said = await world.all(ofOneValue.map(({ words, flag }) => `${words} ${flag} `));
  for (const [i, { err, code }] of said.entries()) {
    const { words, flag } = ofOneValue[i] as (typeof ofOneValue)[number];
    expect(err, `${words} ${flag}`).toMatch(new RegExp(`^error [A-Z_]+  .*(${flag}|"").*\n  fix: `));
    expect(code).toBe(2);
  }
  const noop = 'attack quad.onnx --images images --attack noop --epsilon 8/255';
  expect(
    await world.tell([
      `${noop} --save `,
      `${noop} --source  --json`,
      'attack  --images images --attack noop --epsilon 8/255',
      'tournament report ',
    ]),
  ).toMatchInlineSnapshot(`
    "$ attack quad.onnx --images images --attack noop --epsilon 8/255 --save 
    error ARGUMENT  --save is empty.
      fix: Give it a value; a variable of the shell may not be set.
    = 2

    $ attack quad.onnx --images images --attack noop --epsilon 8/255 --source  --json
    {"error":{"code":"ARGUMENT","message":"--source is empty.","remedy":"Give it a value; a variable of the shell may not be set."}}
    = 2

    $ attack  --images images --attack noop --epsilon 8/255
    error ARGUMENT  <model> is empty.
      fix: Give it a value; a variable of the shell may not be set.
    = 2

    $ tournament report 
    error ARGUMENT  <folder> is empty.
      fix: Give it a value; a variable of the shell may not be set.
    = 2
    "
  `);
});
