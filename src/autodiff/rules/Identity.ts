import { defineRule } from '../rule.ts';

export const identity = defineRule({ op: 'Identity', backward: ({ dy }) => [dy[0]] });
