import {
  array,
  assert,
  boolean,
  constant,
  double,
  integer,
  oneof,
  property,
  record,
  string,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AdvarenaError } from '../tensor/index.ts';
import { catalogOf } from './catalog.ts';
import { pixelUnits } from './epsilon.ts';
import { optionsOf } from './option-facts.ts';
import { parseOptions } from './options.ts';
import { parseEntry, readOption, writeEntry } from './short-form.ts';

const climb = {
  name: 'climb',
  title: 'Has options of every kind',
  paper: 'test',
  options: z.strictObject({
    steps: z.int().min(1).default(40),
    stepSize: pixelUnits.optional(),
    offset: z.number().default(0),
    randomStart: z.boolean().default(true),
    loss: z.enum(['cross-entropy', 'margin']).default('margin'),
    file: z.string().optional(),
    sizes: z.array(z.number()).optional(),
    names: z.array(z.string()).optional(),
    grid: z.array(z.array(z.int())).optional(),
    range: z.tuple([z.number(), z.number()]).optional(),
    patience: z.union([z.literal('auto'), z.int().min(0)]).optional(),
    clip: z.number().nullable().optional(),
    within: z.strictObject({ a: z.string() }).optional(),
  }),
};
const rest = { name: 'rest', title: 'Has none', paper: 'test', options: z.strictObject({}) };
const attacks = catalogOf('attack', [climb, rest]);

test('the name alone', () => {
  expect(parseEntry('climb', attacks)).toEqual({ name: 'climb' });
  expect(parseEntry(' rest: ', attacks)).toEqual({ name: 'rest' });
});

describe('values are what the schema takes', () => {
  test.for<[string, Record<string, unknown>]>([
    ['steps=40,loss=margin', { steps: 40, loss: 'margin' }],
    [' steps = 40 , loss = margin ', { steps: 40, loss: 'margin' }],
    ['stepSize=2/255', { stepSize: 2 / 255 }],
    ['step-size=1e-3', { stepSize: 1e-3 }],
    ['offset=-.5', { offset: -0.5 }],
    ['offset=-2/255', { offset: -2 / 255 }],
    ['randomStart=false', { randomStart: false }],
    ['random-start', { randomStart: true }],
    ['randomStart,steps=2', { randomStart: true, steps: 2 }],
    ['file=a=b:c/d e.npy', { file: 'a=b:c/d e.npy' }],
    ['file=12', { file: '12' }],
    ['file="a,[b]"', { file: 'a,[b]' }],
    [String.raw`file="say \"a\" \\ b\c"`, { file: String.raw`say "a" \ b\c` }],
    ['file=""', { file: '' }],
    ['sizes=[1, -2,3/4]', { sizes: [1, -2, 0.75] }],
    ['sizes=[]', { sizes: [] }],
    ['sizes=[],steps=3', { sizes: [], steps: 3 }],
    ['names=[a b,"c,d",5]', { names: ['a b', 'c,d', '5'] }],
    ['grid=[[1,2],[],[3]]', { grid: [[1, 2], [], [3]] }],
    ['range=[0,1]', { range: [0, 1] }],
    ['patience=auto', { patience: 'auto' }],
    ['patience=3', { patience: 3 }],
    ['clip=null', { clip: null }],
    ['clip=0.5', { clip: 0.5 }],
  ])('%s', ([text, options]) => {
    const spec = parseEntry(`climb:${text}`, attacks);
    expect(spec).toEqual({ name: 'climb', options });
    expect(() => parseOptions(climb.options, spec.options, 'attack climb')).not.toThrow();
  });
});

function errorOf(work: () => unknown): string {
  try {
    return `passes: ${JSON.stringify(work())}`;
  } catch (error) {
    if (!(error instanceof AdvarenaError)) throw error;
    const { code, where, message, remedy } = error;
    return `${code} ${where === undefined ? '' : `${where}: `}${message} | ${remedy}`;
  }
}

test('what cannot be meant is told', () => {
  const texts = [
    'clmb:steps=1',
    'climb:stpes=1',
    'climb:__proto__=1',
    'rest:steps=1',
    'climb:steps=many',
    'climb:steps=1.5',
    'climb:steps',
    'climb:steps="3"',
    'climb:steps=[3]',
    'climb:offset=1/0',
    'climb:loss=margn',
    'climb:randomStart=yes',
    'climb:sizes=3',
    'climb:sizes=[a]',
    'climb:grid=[1,2]',
    'climb:patience=1.5',
    'climb:within=a',
    'climb:steps=1,stepSize=1,step-size=2',
    'climb:steps=',
    'climb:steps=1,',
    'climb:=1',
    'climb:sizes=[1,2',
    'climb:sizes=[1,,2]',
    'climb:sizes=[1]2',
    'climb:file="a',
    'climb:file="a"b',
    'climb:file=a]b',
  ];
  expect(
    `${texts.map((text) => errorOf(() => parseEntry(text, attacks))).join('\n')}\n`,
  ).toMatchInlineSnapshot(`
    "UNKNOWN_NAME Unknown attack "clmb". Choose one of: climb, rest. Did you mean "climb"? | undefined
    OPTION The attack climb has no option "stpes". Did you mean "steps"? | Its options are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The attack climb has no option "__proto__". | Its options are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The attack rest has no option "steps"; climb has it. | It takes no options.
    OPTION The option steps of the attack climb is "many"; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option steps of the attack climb is "1.5"; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option steps of the attack climb is given no value; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option steps of the attack climb is "\\"3\\""; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option steps of the attack climb is "[3]"; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option offset of the attack climb is "1/0"; allowed: number. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option loss of the attack climb is "margn"; allowed: cross-entropy, margin. Did you mean "margin"? | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option randomStart of the attack climb is "yes"; allowed: true or false. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option sizes of the attack climb is "3"; allowed: list of numbers. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option sizes of the attack climb is "[a]"; allowed: list of numbers. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option grid of the attack climb is "[1,2]"; allowed: list of lists of whole numbers. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option patience of the attack climb is "1.5"; allowed: auto or whole number from 0. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option within of the attack climb is "a"; allowed: object. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option stepSize of the attack climb is given twice. | Give it once.
    SHORT_FORM climb:steps=: A value of steps is missing. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:steps=1,: An option has no name. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:=1: An option has no name. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:sizes=[1,2: The list of sizes has no end. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:sizes=[1,,2]: A value of sizes is missing. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:sizes=[1]2: What follows the value of sizes, "2", cannot stand there. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:file="a: The quotes of file have no end. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:file="a"b: What follows the value of file, "b", cannot stand there. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    SHORT_FORM climb:file=a]b: What follows the value of file, "]b", cannot stand there. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "...".
    "
  `);
});

test('what the schema refuses is told in its words', () => {
  const given: Record<string, unknown>[] = [
    { steps: 0 },
    { stepSize: 0 },
    { sizes: [1, 'a'] },
    { within: { b: 1 } },
  ];
  const needing = z.strictObject({ share: z.number().gt(0).lt(1) }).refine(() => false, 'the sum is wrong');
  expect(
    [
      ...given.map((options) => errorOf(() => parseOptions(climb.options, options, 'attack climb'))),
      errorOf(() => parseOptions(needing, {}, 'attack needing')),
      errorOf(() => parseOptions(needing, { share: 0.5 }, 'attack needing')),
    ].join('\n'),
  ).toMatchInlineSnapshot(`
    "OPTION The option steps of the attack climb is 0; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option stepSize of the attack climb is 0: The epsilon 0 is no positive number. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option sizes of the attack climb is [1,"a"]; allowed: list of numbers. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The option within of the attack climb is {"b":1}; allowed: object. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within.
    OPTION The attack needing needs the option share; allowed: number above 0, below 1. | Give it; the options of the attack needing are share.
    OPTION The options of the attack needing do not fit: the sum is wrong. | Correct them: share."
  `);
});

test('a word of its own needs no quotes', () => {
  const known = optionsOf(climb.options);
  const read = (name: string, text: string): unknown =>
    readOption(text, known.find((o) => o.name === name) as (typeof known)[number], known, 'attack climb');
  expect(read('file', 'a,b=[c]"')).toBe('a,b=[c]"');
  expect(read('file', '[a')).toBe('[a');
  expect(read('stepSize', '1/255')).toBe(1 / 255);
  expect(read('sizes', '[1,2]')).toEqual([1, 2]);
  expect(errorOf(() => read('sizes', '[1,2'))).toMatchInlineSnapshot(
    `"SHORT_FORM [1,2: The list of sizes has no end. | Write NAME:option=value,option=value; lists as [a,b]; text with a comma, a bracket or a quote as "..."."`,
  );
  expect(errorOf(() => read('steps', 'many'))).toMatchInlineSnapshot(
    `"OPTION The option steps of the attack climb is "many"; allowed: whole number from 1. | Correct it; the options of the attack climb are steps, stepSize, offset, randomStart, loss, file, sizes, names, grid, range, patience, clip, within."`,
  );
});

test('quoted text comes back as it was, in an option and in a list', () => {
  const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  assert(
    property(string(), array(string()), (file, names) => {
      const text = `climb:file=${quote(file)},names=[${names.map(quote).join(',')}]`;
      expect(parseEntry(text, attacks).options).toEqual({ file, names });
    }),
  );
});

test('what is written is read as it was', () => {
  expect(writeEntry({ name: 'rest' })).toBe('rest');
  expect(
    writeEntry({
      name: 'climb',
      options: { steps: 3, randomStart: false, names: ['a b', 'c,d'], clip: null },
    }),
  ).toBe('climb:steps=3,randomStart=false,names=[a b,"c,d"],clip=null');
  expect(() => writeEntry({ name: 'climb', options: { within: { a: 'b' } } })).toThrow(TypeError);
  const finite = double({ noNaN: true, noDefaultInfinity: true }).map((v) => v + 0);
  const options = record(
    {
      steps: integer(),
      stepSize: oneof(finite, string()),
      randomStart: boolean(),
      file: string(),
      sizes: array(finite),
      names: array(string()),
      grid: array(array(integer())),
      clip: constant(null),
    },
    { requiredKeys: [] },
  );
  assert(
    property(options, (given) => {
      const spec = Object.keys(given).length === 0 ? { name: 'climb' } : { name: 'climb', options: given };
      expect(parseEntry(writeEntry(spec), attacks)).toEqual(spec);
    }),
  );
});
