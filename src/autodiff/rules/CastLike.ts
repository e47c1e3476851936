import { defineRule } from '../rule.ts';
import { cast } from './Cast.ts';

export const castLike = defineRule({ op: 'CastLike', backward: (context) => cast.backward(context) });
