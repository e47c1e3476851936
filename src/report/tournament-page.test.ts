import { describe, expect, test } from 'vitest';
import { attributes, one, parsed, type Root, texts } from '../../test/report/dom.ts';
import { askingResult, tournamentResult } from '../../test/report/tournament-result.ts';
import type { ThreatModel, TournamentResult } from '../arena/index.ts';
import { encodePng } from '../data/index.ts';
import { tournamentHtml } from './index.ts';

const picture = encodePng({ height: 1, width: 1, channels: 1, data: new Uint8Array(1) });
const pageOf = async (result: TournamentResult): Promise<Root> =>
  parsed(await tournamentHtml(result, { images: () => picture }));
const [low] = tournamentResult().epsilons as [number];

/** As little as a page may be made of: one bound, one threat model, no examples, comparisons, flags or times. */
function least(more: Partial<TournamentResult> = {}): TournamentResult {
  const result = tournamentResult();
  const untargeted = new Set(result.attacks.filter((a) => a.goal === 'untargeted').map((a) => a.name));
  return {
    ...result,
    epsilons: [low],
    attacks: result.attacks.filter((a) => untargeted.has(a.name)),
    cells: result.cells
      .filter((c) => c.epsilon === low && untargeted.has(c.attack))
      .map((c) => ({ ...c, threat: 'transfer' })),
    boards: result.boards
      .filter((b) => b.threat === 'all' && b.epsilon === undefined)
      .map((b) => ({
        ...b,
        targeted: [],
        untargeted: b.untargeted.map(({ medianSeconds: _time, ...row }) => row),
        defenses: b.defenses.map(({ medianSeconds: _time, ...row }) => row),
      })),
    examples: [],
    comparisons: [],
    flags: [],
    ...more,
  };
}
const facts = (page: Root): Record<string, string> => {
  const list = one(page, 'header ~ dl');
  const values = texts(list, 'dd');
  return Object.fromEntries(texts(list, 'dt').map((name, i) => [name, values[i] ?? '']));
};

describe('parts of the page', () => {
  test('are all there where there is something to tell, in this order', async () => {
    expect(texts(await pageOf(tournamentResult()), 'h2')).toEqual([
      'Leaderboards',
      'Attack against defense',
      'Scores by bound',
      'Comparisons',
      'Examples',
      'What was run',
      'Times',
      'Flags',
      'Where these figures come from',
    ]);
  });

  test('are left out where there is nothing', async () => {
    const page = await pageOf(least());
    expect(texts(page, 'h2')).toEqual([
      'Leaderboards',
      'Attack against defense',
      'What was run',
      'Flags',
      'Where these figures come from',
    ]);
    expect(page.querySelectorAll('.switches, .note, [data-shown="hit"], .example').length).toBe(0);
    expect(texts(page, '#flags ~ p')[0]).toBe('No warning was raised.');
    expect(texts(page, 'h3')).not.toContain('Targets reached');
  });

  test('are there each for its own reason', async () => {
    const { examples, comparisons, epsilons } = tournamentResult();
    const only = async (more: Partial<TournamentResult>): Promise<string[]> =>
      texts(await pageOf(least(more)), 'h2').slice(2, -3);
    expect(await only({ examples: examples.slice(0, 1) })).toEqual(['Examples']);
    expect(await only({ comparisons: comparisons.slice(0, 1) })).toEqual(['Comparisons']);
    expect(await only({ epsilons })).toEqual(['Scores by bound']);
  });

  test('targets reached have a matrix for each bound where an attack has targets', async () => {
    const page = await pageOf(tournamentResult());
    expect(texts(page, 'h3')).toContain('Targets reached');
    expect(attributes(page, 'table.heat', 'data-shown')).toEqual(['accuracy', 'accuracy', 'hit', 'hit']);
  });
});

describe('the head', () => {
  test('counts who met on what', async () => {
    const [lead] = texts(await pageOf(tournamentResult()), '.lead');
    expect(lead).toBe('8 attacks against 6 defenses on 200 images of nips2017-dev.');
    const { attacks, defenses } = least();
    const single = least({
      attacks: attacks.slice(0, 1),
      defenses: defenses.slice(0, 1),
      dataset: { name: 'x', images: 1 },
    });
    expect(texts(await pageOf(single), '.lead')).toEqual(['1 attack against 1 defense on 1 image of x.']);
  });

  test('tells bounds, goals, baselines and seed', async () => {
    expect(facts(await pageOf(tournamentResult()))).toEqual({
      Dataset: 'nips2017-dev, 200 images',
      Bound: 'L∞ ≤ 8/255, 16/255, each on every image',
      Attacks: '5 untargeted, 3 targeted',
      Defenses: '6',
      Baselines: '7 of these entries',
      Seed: '2017',
    });
  });

  test('several bounds are each on every image, or one per batch; one is neither', async () => {
    const bound = async (more: Partial<TournamentResult>): Promise<string | undefined> =>
      facts(await pageOf(least(more)))['Bound'];
    const { epsilons } = tournamentResult();
    expect(await bound({ epsilons, epsilonPerBatch: 'cycle' })).toBe(
      'L∞ ≤ 8/255, 16/255, one per batch in turn',
    );
    expect(await bound({ epsilonPerBatch: 'all' })).toBe('L∞ ≤ 8/255');
    expect(await bound({ epsilonPerBatch: 'cycle' })).toBe('L∞ ≤ 8/255');
  });

  test('draws are told from two on', async () => {
    expect(facts(await pageOf(least({ draws: 2 })))['Draws']).toBe(
      '2 of each random defense, and their mean',
    );
    expect(facts(await pageOf(least()))['Draws']).toBeUndefined();
  });

  test('warnings are counted, and each code is named once', async () => {
    const note = async (...codes: string[]): Promise<string[]> =>
      texts(await pageOf(least({ flags: codes.map((code, i) => ({ code, message: `m${i}` })) })), '.note');
    expect(await note('one')).toEqual(['1 warning changes how figures may be read: one']);
    expect(await note('one', 'two', 'one')).toEqual(['3 warnings change how figures may be read: one, two']);
    const page = await pageOf(least({ flags: [{ code: 'one', message: 'm' }] }));
    expect(texts(page, '#flags ~ p')[0]).toBe('Warnings that change how a figure may be read.');
    expect(texts(page, '#flags ~ .flags li')).toEqual(['onem']);
    expect(attributes(page, '.note a', 'href')).toEqual(['#flags']);
  });
});

describe('the cards of the first', () => {
  const cards = async (result: TournamentResult): Promise<string[][]> =>
    [...(await pageOf(result)).querySelectorAll('header ~ .cards .card')].map((c) => texts(c, 'p'));

  test('name the first of each board with its score, and its score under each threat model', async () => {
    const result = tournamentResult();
    const found = await cards(result);
    const at = (threat: string) => result.boards.find((b) => b.threat === threat && b.epsilon === undefined);
    const tell = (value: number): string => `${(value * 100).toFixed(1)} %`;
    const first = at('all')?.defenses[0];
    const score = (threat: string): string =>
      tell(at(threat)?.defenses.find((r) => r.name === first?.name)?.score.value as number);
    expect(found.map((c) => c[0])).toEqual([
      'Strongest untargeted attack',
      'Strongest targeted attack',
      'Strongest defense',
    ]);
    expect(found.map((c) => c[3])).toEqual([
      'answered wrong',
      'answered with the target',
      'answered right under attack',
    ]);
    expect(found[2]?.[1]).toBe(first?.name);
    expect(found[2]?.[2]?.startsWith(score('all'))).toBe(true);
    // Nobody opens the network of this defense.
    expect(found[2]?.slice(4)).toEqual([`transfer: ${score('transfer')}`]);
    const attack = at('all')?.untargeted[0];
    const of = (threat: string): string =>
      tell(at(threat)?.untargeted.find((r) => r.name === attack?.name)?.score.value as number);
    expect(found[0]?.slice(4)).toEqual([`transfer: ${of('transfer')}`, `white box: ${of('white box')}`]);
  });

  test('are none of an empty board, and mark baselines', async () => {
    const result = least();
    const [boards] = result.boards;
    if (boards === undefined) throw new Error('no boards');
    const [first, ...others] = boards.untargeted;
    if (first === undefined) throw new Error('no rows');
    result.boards = [{ ...boards, untargeted: [{ ...first, baseline: true }, ...others] }];
    const found = await cards(result);
    expect(found.map((c) => c[0])).toEqual(['Strongest untargeted attack', 'Strongest defense']);
    expect(found[0]?.[1]).toBe(`${first.name} baseline`);
    // Of one threat model there is nothing to tell apart.
    expect(found.map((c) => c.length)).toEqual([4, 4]);
  });
});

describe('words about threat models', () => {
  const words = async (...threats: ThreatModel[]): Promise<string> => {
    const cells = tournamentResult().cells.slice(0, threats.length);
    const page = await pageOf(
      least({ cells: cells.map((c, i) => ({ ...c, threat: threats[i] as ThreatModel })) }),
    );
    return texts(page, '#leaderboards ~ p')[0]?.replace(/^.* at once\. /, '') ?? '';
  };

  test('of one alone', async () => {
    expect(await words('transfer', 'transfer')).toBe(
      'No attack had a defense’s own network: every figure is of transfer.',
    );
    expect(await words('white box', 'white box')).toBe(
      'Every attack had the defense’s own network: every figure is white box.',
    );
  });

  test('of two or three, each with its number of cells', async () => {
    expect(await words('white box', 'transfer', 'transfer')).toBe(
      'In 1 of 3 cells the attack had the defense’s own network (white box); in the others its images had to transfer. The two are different questions and are shown apart.',
    );
    expect(await words('queries', 'queries', 'white box', 'transfer')).toBe(
      'In 1 of 4 cells the attack had the defense’s own network (white box), in 2 it could ask the defense for answers (queries), in the others its images had to transfer. These are different questions and are shown apart.',
    );
  });
});

test('examples say whether answers are classes or labels', async () => {
  const legend = async (result: TournamentResult): Promise<string | undefined> =>
    texts(await pageOf(result), '#examples ~ p')[0];
  expect(await legend(tournamentResult())).toBe(
    'Answers are labels of nips2017-dev: ✓ true class, ✗ another, ◎ the attack’s target.',
  );
  expect(await legend(askingResult())).toMatch(/^Answers are classes of/);
});

test('versions and the seed stand below, with the command that makes the page again', async () => {
  const page = await pageOf(least({ versions: { advarena: '1.2.3', node: '24' } }));
  expect(texts(page, '#origin ~ dl dt')).toEqual(['advarena', 'node']);
  expect(texts(page, '#origin ~ dl dd')).toEqual(['1.2.3', '24']);
  expect(texts(page, '#origin ~ p').join(' ')).toContain('with seed 2017');
});
