import { attacks } from 'advarena/attacks';
import { attack, type SampleResult } from 'advarena/judge';
import { type Hosts, openHosts } from 'advarena/runtime';
import { median, type Norm, rows } from 'advarena/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataOf, openOracleModel, present, readOracle } from './oracle.ts';

/**
 * Attacks of minimum norm against what other people's software reached with the same options on the same images,
 * unrounded: over the images that are right when clean and that both fool, the median at most 2 % above theirs, in counts
 * one entry.
 */

interface Oracle {
  model: string;
  columns: string[];
  rows: number[][];
}

interface Case {
  /** `MODEL.ATTACK.PEER` of the oracles. */
  readonly oracle: string;
  readonly attack: string;
  readonly norm: Norm;
  readonly options: Record<string, unknown>;
  /** The first images. */
  readonly count: number;
  readonly targeted?: true;
  /** In the place of the norm. */
  readonly measure?: (sample: { l1: number; l2: number }) => number;
}

const steps = 1000;
const cases: Case[] = [
  {
    oracle: 'cifar10-adv.deepfool-l2.adv-lib',
    attack: 'deepfool',
    norm: 'l2',
    options: { steps: 100 },
    count: 100,
  },
  {
    oracle: 'cifar10-adv.deepfool-linf.adv-lib',
    attack: 'deepfool',
    norm: 'linf',
    options: { steps: 100 },
    count: 100,
  },
  {
    oracle: 'cifar10-resnet20.deepfool-l2.adv-lib',
    attack: 'deepfool',
    norm: 'l2',
    options: { steps: 100 },
    count: 10,
  },
  {
    oracle: 'mnist-lenet5-clean.deepfool-linf.adv-lib',
    attack: 'deepfool',
    norm: 'linf',
    options: { steps: 100 },
    count: 50,
  },
  { oracle: 'cifar10-adv.fmn-l2.adv-lib-fixed', attack: 'fmn', norm: 'l2', options: { steps }, count: 25 },
  { oracle: 'cifar10-adv.fmn-linf.adv-lib', attack: 'fmn', norm: 'linf', options: { steps }, count: 25 },
  { oracle: 'cifar10-adv.fmn-l1.adv-lib', attack: 'fmn', norm: 'l1', options: { steps }, count: 20 },
  { oracle: 'cifar10-adv.fmn-l0.adv-lib', attack: 'fmn', norm: 'l0-entries', options: { steps }, count: 20 },
  { oracle: 'cifar10-adv.cw-l2.adv-lib', attack: 'cw', norm: 'l2', options: { steps }, count: 12 },
  { oracle: 'cifar10-adv.ead-l1.foolbox', attack: 'ead', norm: 'l1', options: { steps }, count: 10 },
  {
    oracle: 'cifar10-adv.ead-en.foolbox',
    attack: 'ead',
    norm: 'l1',
    options: { steps, decision: 'elastic-net' },
    count: 10,
    measure: ({ l1, l2 }) => 0.01 * l1 + l2 ** 2,
  },
  {
    oracle: 'cifar10-adv.sigma-zero.adv-lib',
    attack: 'sigma-zero',
    norm: 'l0-entries',
    options: { steps },
    count: 25,
  },
  { oracle: 'cifar10-adv.alma-l2.adv-lib', attack: 'alma', norm: 'l2', options: { steps }, count: 25 },
  {
    oracle: 'mnist-lenet5-clean.jsma.advertorch',
    attack: 'jsma',
    norm: 'l0-entries',
    options: { most: 0.2 },
    count: 10,
    targeted: true,
  },
];

let hosts: Hosts;
beforeAll(() => {
  hosts = openHosts({ count: 2 });
});
afterAll(() => hosts.close());

test.skipIf(!present).for(cases.map((c) => ({ ...c, name: `${c.oracle}: ${c.attack} in ${c.norm}` })))(
  '$name comes as near',
  async ({ oracle: file, attack: name, norm, options, count, targeted, measure }) => {
    const oracle = readOracle(file) as Oracle;
    const column = (start: string): number => oracle.columns.findIndex((c) => c.startsWith(start));
    const peers = oracle.rows.slice(0, count);
    const { images, labels } = dataOf(oracle.model);
    const first = labels.slice(0, count);
    const model = await openOracleModel(oracle.model);
    const { samples } = await attack(model, attacks.find(name), {
      images: rows(images, 0, count),
      labels: first,
      norm,
      pixels: 'float32',
      options,
      hosts,
      ...(targeted && { goal: 'targeted', targets: first.map((label) => (label + 1) % 10) }),
    });
    await model.release();
    const own = (s: SampleResult): number => measure?.({ l1: s.distance, l2: s.l2 }) ?? s.distance;
    const theirs = (row: readonly number[]): number => {
      const [l1, l2] = [row[column('l1')] as number, row[column('l2')] as number];
      return measure?.({ l1, l2 }) ?? (row[column(norm.replace('-entries', ''))] as number);
    };
    const pairs = samples.flatMap((sample, i) => {
      const row = peers[i] as number[];
      const fooled = row[column('adv(float32)')] !== row[column('label')];
      if (sample.clean !== sample.label || !fooled) return [];
      // What a peer fools, ours does.
      expect(sample.success).toBe(true);
      return [[own(sample), theirs(row)] as const];
    });
    const [ours, reference] = [median(pairs.map(([a]) => a)), median(pairs.map(([, b]) => b))];
    expect(ours).toBeLessThanOrEqual(norm === 'l0-entries' ? reference + 1 : 1.02 * reference);
  },
);
