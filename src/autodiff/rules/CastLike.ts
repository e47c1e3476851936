import { defineRule } from '../rule.ts';
import { cast } from './Cast.ts';

export const castLike = defineRule({
  op: 'CastLike',
  flat: [1],
  since: 15,
  remarks: 'ends where a float becomes an integer',
  backward: (context) => cast.backward(context),
});
