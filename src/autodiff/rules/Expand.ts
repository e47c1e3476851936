import { defineRule } from '../rule.ts';

/** dy, summed over the axes along which x was repeated (by the engine). */
export const expand = defineRule({ op: 'Expand', since: 8, backward: ({ dy }) => [dy[0]] });
