import { defineRule } from '../rule.ts';

/** dy, summed over the axes along which x was repeated (by the engine). */
export const expand = defineRule({ op: 'Expand', backward: ({ dy }) => [dy[0]] });
