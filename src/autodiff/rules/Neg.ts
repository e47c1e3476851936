import { neg as minus } from '../emit.ts';
import { defineRule } from '../rule.ts';

export const neg = defineRule({ op: 'Neg', backward: ({ b, dy }) => [minus(b, dy[0] as string)] });
