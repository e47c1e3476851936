import { defineRule } from '../rule.ts';

/** d(a + b) = da + db. */
export const add = defineRule({ op: 'Add', inputs: ['A', 'B'], backward: ({ dy }) => [dy[0], dy[0]] });
