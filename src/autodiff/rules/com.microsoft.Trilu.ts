import { rewriteRule } from '../rule.ts';

/** The standard operator, which came with opset 14. */
export const comMicrosoftTrilu = rewriteRule({
  op: 'Trilu',
  domain: 'com.microsoft',
  rewrite: ({ node }) => [{ ...node, domain: '' }],
});
