import { defineRule } from '../rule.ts';
import { trilu } from './Trilu.ts';

const { since: _, ...standard } = trilu;

/** As the standard operator, which came with opset 14. */
export const comMicrosoftTrilu = defineRule({ ...standard, domain: 'com.microsoft' });
