import type { Oracle } from '../models/index.ts';
import type { AttackContext } from './define.ts';

/** The sources one by one; without any, the judged model. */
export function sourcesOf({ model, members }: Pick<AttackContext, 'model' | 'members'>): readonly Oracle[] {
  return members.length > 0 ? members : [model];
}
