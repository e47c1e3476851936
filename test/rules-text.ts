import { expect } from 'vitest';
import { parseRules } from '../src/arena/index.ts';
import type { AdvarenaError } from '../src/tensor/index.ts';

/** Rules in order. */
export const goodRules = `name: small
seed: 1
dataset: { images: images, labels: labels.csv }
epsilons: [8/255, 0.1]
models:
  one: one.onnx
  two: ../two.onnx
  both: { ensemble: [one, two], weights: [1, 3] }
attacks:
  noise: { attack: random-noise, baseline: true }
  mi: { attack: mi-fgsm, sources: both, options: { steps: 3 }, labels: predicted }
  iter: { attack: iter-target-class, sources: hard, through: [bpda] }
defenses:
  one: { model: one }
  hard: { model: two, chain: [jpeg, { name: bit-depth, options: { bits: 4 } }] }
comparisons:
  - { title: better, above: [mi], below: [noise], on: [one] }
`;

/** The error of the good rules with one part replaced. */
export function rulesErrorOf(from: string | RegExp, to: string): unknown {
  const text = goodRules.replace(from, to);
  expect(text).not.toBe(goodRules);
  try {
    parseRules(text, 'rules.yaml');
  } catch (error) {
    const { code, where, message, remedy } = error as AdvarenaError;
    // Catalogs grow.
    const short = message.replace(
      /(?<=Unknown (?:attack|view|defense) .*)(?:Choose one of|Nearest of \d+): [^.]*/,
      'Choose one of: ...',
    );
    return `${code} ${where}: ${short} | ${remedy}`;
  }
  return 'nothing thrown';
}
