import { type Attack, attacks } from '../../attacks/index.ts';
import { type EntrySpec, parseEntry } from '../../catalog/index.ts';
import { defaultNorm } from '../../judge/index.ts';
import { comparisonTable, type LeftOut, type NamedAttackResult } from '../../report/index.ts';
import { defaultHosts, openHosts } from '../../runtime/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import { printAndWrite } from '../print-and-write.ts';
import { terminal } from '../terminal.ts';
import { checkFlags } from './check-flags.ts';
import type { AttackFlags } from './flags.ts';
import { chainOf, factsOf, imagesOf, openAll } from './opened.ts';
import { goalOf, named, requestOf, resolveWith, runWithProgress } from './run.ts';

/** Whether flags name more than one attack. */
export function isSeveral({ attack }: Pick<AttackFlags, 'attack'>): boolean {
  return attack.length > 1 || attack[0] === everything;
}

const everything = 'all';

/** What an attack is refused for that others are not: it does not work that way, or asks for what is not given. */
const ownLimits = new Set([
  'ATTACK_NORM',
  'ATTACK_GOAL',
  'EPSILON',
  'REGION',
  'OPPONENT',
  'QUERIES',
  'SOURCES',
  'CLASSES',
]);

/**
 * Attacks a model with several attacks, and prints one table: those that norm, goal and access allow, the others with
 * the reason.
 * @throws AdvarenaError OPTION_CONFLICT for what only one attack can have
 */
export async function runSeveral(path: string, given: AttackFlags): Promise<void> {
  const specs = specsOf(given);
  for (const name of ['save', 'report'] as const)
    if (given[name] !== undefined)
      throw new AdvarenaError('OPTION_CONFLICT', `--${name} is of one attack, and there are several.`, {
        remedy: 'Leave it out, or run the one that you want to see again alone.',
      });
  const chain = chainOf(given);
  const goal = goalOf(given, ['untargeted']);
  const tries = specs.map((spec) => ({ spec, resolved: resolveWith(spec, given) }));
  // One radius means one thing for all of them.
  const common = tries.some(({ resolved }) => defaultNorm(resolved.attack) === 'linf') ? 'linf' : undefined;
  const norm = given.norm ?? (typeof given.epsilon === 'object' ? common : undefined);
  const flags = { ...given, ...(norm && { norm }) };
  for (const { resolved } of tries) checkFlags(flags, resolved.attack, goal);
  const opened = await openAll(path, flags, chain);
  const images = await imagesOf(flags, goal, opened);
  // Hosts keep the networks that they have opened.
  await using hosts = openHosts({ count: flags.hosts ?? defaultHosts(flags.device) });
  const results: NamedAttackResult[] = [];
  const left: LeftOut[] = [];
  for (const { spec, resolved } of tries)
    try {
      const request = { ...requestOf(spec, flags, { goal, images, opened }), hosts };
      for (const outcome of await runWithProgress(opened.model, resolved, flags, request))
        results.push(named(outcome, flags, opened));
    } catch (error) {
      if (!(error instanceof AdvarenaError) || !ownLimits.has(error.code)) throw error;
      left.push({ attack: resolved.attack.name, code: error.code, reason: error.message });
    }
  const [first] = left;
  if (results.length === 0 && first !== undefined)
    throw new AdvarenaError(first.code, `None of ${specs.length} attacks can run so. ${first.reason}`, {
      where: first.attack,
      remedy: 'Name other attacks, or give what they ask for: another --norm or --goal, or an --epsilon.',
    });
  const facts = flags.json === true ? await factsOf(path, flags, opened.inputs) : {};
  await printAndWrite(
    flags.json === true
      ? `${JSON.stringify({ results: results.map((result) => ({ ...result, ...facts })), left })}\n`
      : `${comparisonTable(results, left, terminal())}\n`,
    [],
  );
}

/** @throws AdvarenaError OPTION_CONFLICT, UNKNOWN_NAME, SHORT_FORM, OPTION */
function specsOf({ attack }: AttackFlags): EntrySpec[] {
  if (!attack.includes(everything)) return attack.map((text) => parseEntry(text, attacks));
  if (attack.length > 1)
    throw new AdvarenaError('OPTION_CONFLICT', `--attack ${everything} has every attack already.`, {
      remedy: 'Leave the others out.',
    });
  return attacks.all.filter((entry: Attack) => entry.access !== 'none').map(({ name }) => ({ name }));
}
