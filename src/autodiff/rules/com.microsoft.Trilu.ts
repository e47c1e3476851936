import { defineRule } from '../rule.ts';
import { trilu } from './Trilu.ts';

/** As the standard operator, which came with opset 14. */
export const comMicrosoftTrilu = defineRule({
  op: 'Trilu',
  domain: 'com.microsoft',
  remarks: 'as the standard one',
  backward: (context) => trilu.backward(context),
});
