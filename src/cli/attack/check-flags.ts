import type { Attack, GoalKind } from '../../attacks/index.ts';
import { defaultNorm } from '../../judge/index.ts';
import { AdvarenaError } from '../../tensor/index.ts';
import type { AttackFlags } from './flags.ts';

/** @throws AdvarenaError OPTION_CONFLICT, ARGUMENT: what need not wait for the work to end */
export function checkFlags(flags: AttackFlags, attack: Attack, goal: GoalKind): void {
  const conflict = (message: string, remedy: string): never => {
    throw new AdvarenaError('OPTION_CONFLICT', message, { remedy });
  };
  if (flags.targets !== undefined && goal !== 'targeted')
    conflict(`--targets is of no use with the goal ${goal}.`, 'Leave it out, or take --goal targeted.');
  if (flags.predicted === true && goal !== 'untargeted')
    conflict(`--predicted is of no use with the goal ${goal}.`, 'Leave it out, or take --goal untargeted.');
  if (flags.l0 !== undefined && flags.norm !== 'l0')
    conflict('--l0 is of use with --norm l0 only.', 'Leave it out, or take --norm l0.');
  if (flags.mask !== undefined && flags.area !== undefined)
    conflict('--mask and --area both say where pixels may change.', 'Leave one of them out.');
  if (flags.opponent !== undefined && flags.opponent !== 'gradient' && flags.stopEarly === true)
    conflict(
      '--stop-early asks the model about every image that seems done.',
      'Leave it out where the attack may not ask so much: --opponent says how much it may.',
    );
  const wide = flags.epsilon === 'free' ? undefined : flags.epsilon?.find((e) => e > 1);
  if ((flags.norm ?? defaultNorm(attack)) === 'linf' && wide !== undefined)
    throw new AdvarenaError('ARGUMENT', `--epsilon is ${wide}, but pixels run from 0 to 1.`, {
      remedy: `Write levels as fractions of 255, such as ${Math.min(wide, 8)}/255.`,
    });
}
