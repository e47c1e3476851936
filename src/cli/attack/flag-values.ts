import type { Queries } from '../../attacks/index.ts';
import { positiveNumber } from '../../catalog/index.ts';
import { type InputSetting, type Kind, kinds } from '../../models/index.ts';
import { AdvarenaError, unknownName } from '../../tensor/index.ts';
import { settingOf, whole } from '../values.ts';

/**
 * What `--epsilon` names: `8/255`, `2/255,4/255`, `free`.
 * @throws AdvarenaError ARGUMENT
 */
export function radiiOf(text: string): number[] | 'free' {
  if (text.trim() === 'free') return 'free';
  const parts = text.split(',');
  return parts.map((part) => {
    const radius = positiveNumber(part);
    if (radius !== undefined) return radius;
    const which = parts.length === 1 ? '' : `, in which "${part.trim()}" is no radius`;
    throw new AdvarenaError('ARGUMENT', `--epsilon is "${text}"${which}.`, {
      remedy:
        'Give a positive number in pixel units of [0,1], as a fraction (8/255) or a decimal (0.03); several with commas between, or free alone.',
    });
  });
}

/**
 * What `--area` names: `0.05`, `1/20`.
 * @throws AdvarenaError ARGUMENT unless above 0 and at most 1
 */
export function areaShare(text: string): number {
  const share = positiveNumber(text);
  if (share !== undefined && share <= 1) return share;
  throw new AdvarenaError('ARGUMENT', `--area is "${text}".`, {
    remedy: 'Give a share of the area above 0 and at most 1, as a fraction (1/20) or a decimal (0.05).',
  });
}

/**
 * What `--queries` names: `1000`, `scores=1000,gradients=50`.
 * @throws AdvarenaError ARGUMENT
 */
export function queriesOf(text: string): Queries {
  const remedy = 'Give a whole number of at least 1, or kinds with a number each: scores=1000,gradients=50.';
  const count = (number: string): number => whole('--queries', 1, { text, remedy })(number);
  if (!text.includes('=')) return count(text);
  const queries: Partial<Record<Kind, number>> = {};
  for (const part of text.split(',')) {
    const [name = '', ...number] = part.split('=');
    const kind = kinds.find((k) => k === name.trim());
    if (kind === undefined)
      throw new AdvarenaError('ARGUMENT', unknownName('kind of question', name.trim(), kinds), { remedy });
    if (queries[kind] !== undefined)
      throw new AdvarenaError('ARGUMENT', `--queries names ${kind} twice.`, { remedy: 'Name it once.' });
    queries[kind] = count(number.join('='));
  }
  return queries;
}

/**
 * What `--input` names, beside those before it: `keep_prob=1`, `mask=mask.npy`.
 * @throws AdvarenaError ARGUMENT
 */
export function inputOf(
  text: string,
  before: Record<string, InputSetting> = {},
): Record<string, InputSetting> {
  const refuse = (message: string, remedy: string): never => {
    throw new AdvarenaError('ARGUMENT', message, { remedy });
  };
  const at = text.indexOf('=');
  const [name, value] = [text.slice(0, at), text.slice(at + 1).trim()];
  const setting = settingOf(value);
  if (at < 1 || setting === undefined)
    return refuse(
      `--input is "${text}".`,
      'Write NAME=VALUE: the name of an input of the graph, and a number, true, false, or a .npy file.',
    );
  if (Object.hasOwn(before, name)) return refuse(`--input gives "${name}" twice.`, 'Give it once.');
  // Not by assignment: an input may have the name of an object's own parts.
  return Object.fromEntries([...Object.entries(before), [name, setting]]);
}
