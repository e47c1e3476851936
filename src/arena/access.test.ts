import { describe, expect, test } from 'vitest';
import { goodRules, rulesErrorOf } from '../../test/rules-text.ts';
import { parseRules } from './index.ts';

/** The error of the good rules with other entries for the attack `mi`. */
const refused = (entries: string): unknown => rulesErrorOf(/mi: .*/, `mi: { ${entries} }`);

/** What such entries mean in rules that are in order. */
function accepted(entries: string): unknown {
  const { attacks } = parseRules(goodRules.replace(/mi: .*/, `mi: { ${entries} }`), 'rules.yaml');
  const { radius, sources, opponent, queries } = attacks[1] as (typeof attacks)[number];
  const opened = sources.map(({ model, chain }) => [...chain.map((link) => link.name), model].join(' '));
  return [radius, opened, opponent, queries];
}

describe('an attack may', () => {
  test.for([
    ['attack: fgsm, sources: one', 'fixed', ['one'], 'none', undefined],
    ['attack: fgsm, sources: [one, two]', 'fixed', ['one', 'two'], 'none', undefined],
    ['attack: in-turn, sources: [hard, both]', 'fixed', ['jpeg bit-depth two', 'both'], 'none', undefined],
    ['attack: pgd, opponent: gradient, queries: { gradients: 3 }', 'fixed', [], 'gradient', { gradients: 3 }],
    ['attack: square, opponent: scores, queries: 50', 'fixed', [], 'scores', 50],
    ['attack: square, opponent: gradient', 'fixed', [], 'gradient', undefined],
    ['attack: prior-guided, sources: one, opponent: scores', 'fixed', ['one'], 'scores', undefined],
    ['attack: prior-guided, opponent: gradient', 'fixed', [], 'gradient', undefined],
  ] as const)('%s', ([entries, ...meaning], { expect: check }) => {
    check(accepted(entries)).toEqual(meaning);
  });

  test('find the nearest image that fools a source', () => {
    const rules = goodRules
      .replace('seed: 1', 'seed: 1\nnorm: l2')
      .replace(/mi: .*/, 'mi: { attack: ddn, sources: both }');
    expect(
      parseRules(rules.replace('{ attack: random-noise', '{ attack: noop').replace(/iter: .*/, ''), 'r.yaml')
        .attacks[1],
    ).toMatchObject({
      attack: 'ddn',
      radius: 'minimum',
      sources: [{ model: 'both', chain: [] }],
    });
  });
});

describe('refused, with line and column', () => {
  test('the old word for sources', () => {
    expect(refused('attack: fgsm, source: one')).toMatchInlineSnapshot(
      `"RULES rules.yaml:11:23: Unknown key "source" in attacks.mi. Did you mean "sources"? | Its keys are attack, sources, opponent, queries, options, through, goal, labels, baseline."`,
    );
  });

  test('more or less than the attack asks', () => {
    expect([
      refused('attack: random-noise, opponent: scores'),
      refused('attack: random-noise, sources: [one]'),
      refused('attack: square'),
      refused('attack: square, opponent: none'),
      refused('attack: square, opponent: decision'),
      refused('attack: pgd, opponent: scores'),
      refused('attack: pgd, sources: one, opponent: gradient'),
      refused('attack: square, sources: one, opponent: scores'),
      refused('attack: prior-guided, sources: one'),
      refused('attack: prior-guided, sources: one, opponent: decision'),
      refused('attack: prior-guided, opponent: scores'),
      refused('attack: square, opponent: all'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:11:41: The attack random-noise asks no model. | Leave opponent out.",
        "RULES rules.yaml:11:40: The attack random-noise opens no model. | Leave its sources out.",
        "RULES rules.yaml:11:7: The attack square needs sources. | Name under sources the models that it may open, or let it ask the defense that it meets: opponent: scores.",
        "RULES rules.yaml:11:7: The attack square needs sources. | Name under sources the models that it may open, or let it ask the defense that it meets: opponent: scores.",
        "RULES rules.yaml:11:35: The attack square asks its model for scores, the rules grant decision. | Grant opponent: scores, or name sources.",
        "RULES rules.yaml:11:32: The attack pgd asks its model for gradient, the rules grant scores. | Grant opponent: gradient, or name sources.",
        "RULES rules.yaml:11:46: The attack pgd works on its sources and asks nothing of the defense that it meets. | Leave opponent out, or its sources.",
        "RULES rules.yaml:11:49: The attack square works on its sources and asks nothing of the defense that it meets. | Leave opponent out, or its sources.",
        "RULES rules.yaml:11:7: The attack prior-guided asks the defense that it meets for scores, the rules grant none. | Grant opponent: scores.",
        "RULES rules.yaml:11:55: The attack prior-guided asks the defense that it meets for scores, the rules grant decision. | Grant opponent: scores.",
        "RULES rules.yaml:11:41: The attack prior-guided asks its model for gradient, the rules grant scores. | Grant opponent: gradient, or name sources.",
        "RULES rules.yaml:11:35: attacks.mi.opponent is "all"; write "none", "decision", "scores" or "gradient". | See docs/formats.md for the entries of a competition file.",
      ]
    `);
  });

  test('sources that are none, or cannot be one', () => {
    expect([
      refused('attack: fgsm, sources: [one, tow]'),
      refused('attack: fgsm, sources: []'),
      refused('attack: fgsm, sources: [one, both]'),
      refused('attack: fgsm, sources: [hard, one]'),
      refused('attack: in-turn, sources: [one, tow]'),
      refused('attack: in-turn, sources: [hard, one], labels: predicted'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:11:38: Unknown model or defense "tow". Choose one of: one, two, both, hard. Did you mean "two"? | undefined",
        "RULES rules.yaml:11:32: attacks.mi.sources is an empty list; write a text or a list that is not empty. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:11:38: The source both is no plain network, so it cannot be one of several. | Name it alone, or name networks.",
        "RULES rules.yaml:11:33: The source hard is no plain network, so it cannot be one of several. | Name it alone, or name networks.",
        "RULES rules.yaml:11:41: Unknown model or defense "tow". Choose one of: one, two, both, hard. Did you mean "two"? | undefined",
        "RULES rules.yaml:11:36: The source hard is no plain network, so it cannot be one of several. | Its answers would be needed for labels: name it alone, or name networks.",
      ]
    `);
  });

  test('questions that the attack never asks, or that are no number', () => {
    expect([
      refused('attack: random-noise, queries: 10'),
      refused('attack: square, opponent: scores, queries: { decisions: 10 }'),
      refused('attack: square, opponent: scores, queries: { gradients: 10 }'),
      refused('attack: square, opponent: scores, queries: { scores: 10, gradients: 10 }'),
      refused('attack: fgsm, sources: one, queries: { decisions: 1 }'),
      refused('attack: square, opponent: scores, queries: 0'),
      refused('attack: square, opponent: scores, queries: 1.5'),
      refused('attack: square, opponent: scores, queries: { scores: -1 }'),
      refused('attack: square, opponent: scores, queries: { score: 10 }'),
      refused('attack: square, opponent: scores, queries: many'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:11:40: The attack random-noise asks for no decisions or scores. | It asks nothing: leave the limit out.",
        "RULES rules.yaml:11:52: The attack square asks for no decisions. | It asks for scores.",
        "RULES rules.yaml:11:52: The attack square asks for no gradients. | It asks for scores.",
        "RULES rules.yaml:11:52: The attack square asks for no gradients. | It asks for scores.",
        "RULES rules.yaml:11:46: The attack fgsm asks for no decisions. | It asks for scores and gradients.",
        "RULES rules.yaml:11:52: attacks.mi.queries is 0; write a whole number of at least 1 or an object. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:11:52: attacks.mi.queries is 1.5; write a whole number of at least 1 or an object. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:11:62: attacks.mi.queries.scores is -1; write a whole number of at least 1. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:11:54: Unknown key "score" in attacks.mi.queries. Did you mean "scores"? | Its keys are decisions, scores, gradients.",
        "RULES rules.yaml:11:52: attacks.mi.queries is "many"; write a whole number of at least 1 or an object. | See docs/formats.md for the entries of a competition file.",
      ]
    `);
  });

  test('attacks that need a region', () => {
    expect(refused('attack: sticker, sources: one')).toMatchInlineSnapshot(
      `"RULES rules.yaml:11:17: The attack sticker works in a region of the image. | Tournaments have no regions yet: try it with \`advarena attack\`."`,
    );
  });

  test('draws that are no number', () => {
    expect([
      rulesErrorOf('seed: 1', 'seed: 1\ndraws: 0'),
      rulesErrorOf('seed: 1', 'seed: 1\ndraws: 1.5'),
    ]).toMatchInlineSnapshot(`
      [
        "RULES rules.yaml:3:8: draws is 0; write a whole number of at least 1. | See docs/formats.md for the entries of a competition file.",
        "RULES rules.yaml:3:8: draws is 1.5; write a whole number of at least 1. | See docs/formats.md for the entries of a competition file.",
      ]
    `);
  });
});
