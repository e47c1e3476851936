import type { Reading } from './class-output.ts';
import type { Flag } from './classifier.ts';

/**
 * What is said of scores that are used as the output gives them.
 * @param name of the network
 * @param logits whether those before a softmax or sigmoids were asked for
 */
export function readingFlags(name: string, { kind, activation }: Reading, logits: boolean): Flag[] {
  if (kind === 'logits' && activation === undefined) {
    if (!logits) return [];
    const message = `${name} answers with logits, and no softmax or sigmoids end it that could be cut off: --logits, in rules \`logits: true\`, changes nothing.`;
    return [{ code: 'LOGITS_IDLE', message }];
  }
  const answers = activation === undefined ? 'is taken to answer' : 'answers';
  const what = activation?.scaled === true ? 'a softmax that is scaled or shifted' : 'probabilities';
  const instead =
    activation?.before === undefined
      ? 'Its graph shows no logits to be attacked instead.'
      : `Attack the logits before the ${activation.op === 'Softmax' ? 'softmax' : 'sigmoids'} with --logits, in rules with \`logits: true\`.`;
  const message = `${name} ${answers} with ${what}: their gradients saturate where it is sure. ${instead}`;
  return [{ code: 'SOFTMAX_OUTPUT', message }];
}
