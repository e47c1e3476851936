import { describe, expect, test } from 'vitest';
import type { Inspection } from '../autodiff/index.ts';
import { inspectionText } from './inspection-text.ts';

const image = { name: 'image', dtype: 'float32' as const, shape: ['N', 3, 'H', 'W'] };
const plain: Inspection = {
  opset: 17,
  inputs: [{ ...image, shape: ['N', 3, 32, 32] }],
  outputs: [{ name: 'logits', dtype: 'float32', shape: undefined }],
  parameters: 1234,
  bytes: 4936,
  operators: [
    { operator: 'Conv', count: 3, onPath: 2, gradient: 'rule' },
    { operator: 'Floor', count: 1, onPath: 0, gradient: 'zero', reason: 'piecewise constant' },
    { operator: 'Mystery', count: 2, onPath: 2, gradient: 'missing' },
  ],
  coverage: { rule: 3, zero: 1, missing: 2 },
  path: { of: 'logits', wrt: 'image', nodes: 2 },
  differentiable: true,
  blocking: [],
  missingSizes: [],
  zeroPaths: [],
  flags: [],
  cost: {},
} as unknown as Inspection;
const blocker = (node: string, more: object = {}) => ({ node, why: 'no rule', remedy: 'write one', ...more });
const free = [{ input: 'image', axes: [2, 3] }];

const text = (more: object = {}): string => inspectionText('m.onnx', { ...plain, ...more }, { width: 120 });
const lines = (more?: object): string[] => text(more).split('\n');
const part = (at: number, more?: object): string[] => (text(more).split('\n\n')[at] ?? '').split('\n');

test('the head tells sizes, and a shape that is not known', () => {
  expect(part(0)).toEqual([
    'm.onnx',
    'opset 17, 1,234 parameters, 4.9 kB',
    'input   image float32 [N, 3, 32, 32]',
    'output  logits float32 of unknown rank',
  ]);
});

test('bytes in decimal multiples, the next one from where the figure would have four digits', () => {
  const told = (bytes: number): string => /parameters, (.*)/.exec(text({ bytes }))?.[1] ?? '';
  expect([0, 999, 1000, 999_949, 999_950, 1e6, 999_960_000, 1e9, 2e12].map(told)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '999.9 kB',
    '1.0 MB',
    '1.0 MB',
    '1.0 GB',
    '1.0 GB',
    '2000.0 GB',
  ]);
});

test('operators: how often, how often on the way, and what there is of a gradient', () => {
  expect(part(1).map((line) => line.split(/ {2,}/))).toEqual([
    ['operator', 'count', 'on the way', 'gradient'],
    [expect.stringMatching(/^─+$/)],
    ['Conv', '3', '2', 'yes'],
    ['Floor', '1', '0', 'zero: piecewise constant'],
    ['Mystery', '2', '2', 'missing'],
  ]);
});

describe('what there is of a gradient', () => {
  const said = (more?: object): string => lines(more).find((l) => /^The (gradient|output)/.test(l)) ?? '';

  test('coverage counts all nodes', () => {
    expect(lines()).toContain('Of 6 nodes, 3 have a gradient, 1 have zero by decision, 2 have none.');
    expect(lines({ coverage: { rule: 1, zero: 0, missing: 0 } })).toContain(
      'Of 1 node, 1 have a gradient, 0 have zero by decision, 0 have none.',
    );
  });

  test('one that can be had', () => {
    expect(said()).toBe('The gradient of logits with respect to image can be had. It passes 2 nodes.');
    expect(said({ path: { of: 'logits', wrt: 'image', nodes: 1 } })).toMatch(/It passes 1 node\.$/);
  });

  test('one that is not, for the output does not depend on the input', () => {
    expect(said({ differentiable: false })).toBe('The output does not depend on the input.');
  });

  test('one that is not, though the output depends on the input', () => {
    const flat = { differentiable: false, flags: [{ code: 'ZERO_GRADIENT', message: 'compared' }] };
    expect(lines(flat)).toContain('No way of the gradient leads from the output to the input.');
    expect(lines(flat)).not.toContain('The output does not depend on the input.');
  });

  test('one that is blocked, with what blocks it and what to do', () => {
    const more = { differentiable: false, blocking: [blocker('n1')] };
    expect(said(more)).toBe('The gradient is blocked by 1 node:');
    const found = lines(more);
    expect(found.slice(found.indexOf('The gradient is blocked by 1 node:') + 1).slice(0, 2)).toEqual([
      '  n1: no rule',
      '    fix: write one',
    ]);
    expect(said({ differentiable: false, blocking: [blocker('n1'), blocker('n2')] })).toBe(
      'The gradient is blocked by 2 nodes:',
    );
  });

  test('one that lacks sizes asks for them, and does not name what lacks them', () => {
    const inputs = [image];
    const lacking = { differentiable: false, inputs, missingSizes: free };
    const asked =
      'The gradient needs sizes that the graph leaves free: axes 2 and 3 of image [N, 3, H, W]. Give them with --size 224x224, for instance.';
    const unwrapped = (more: object): string => text(more).replaceAll(/\n(?=[^ \n])/g, ' ');
    const blocking = [blocker('n1', { lacksSizes: true })];
    expect(unwrapped({ ...lacking, blocking })).toContain(asked);
    expect(unwrapped({ ...lacking, blocking })).not.toMatch(/blocked|n1/);
    const both = [...blocking, blocker('n2')];
    const found = unwrapped({ ...lacking, blocking: both });
    expect(found).toContain('The gradient is blocked by 1 node:');
    expect(found).toContain(asked);
    expect(found).toContain('n2: no rule');
    expect(found).not.toContain('n1');
    // Sizes that nothing leaves free are not what blocks.
    const given = unwrapped({ differentiable: false, blocking });
    expect(given).toContain('n1: no rule');
    expect(given).not.toContain('--size');
    const one = unwrapped({ ...lacking, blocking, missingSizes: [{ input: 'image', axes: [2] }] });
    expect(one).toContain('axis 2 of image');
    expect(one).toContain('--size 224,');
  });

  test('where it ends by decision', () => {
    expect(lines({ zeroPaths: [{ node: 'floor1', reason: 'piecewise constant' }] })).toContain(
      '  zero through floor1: piecewise constant',
    );
    expect(text()).not.toContain('zero through');
  });
});

describe('cost', () => {
  const forward = { multiplyAdds: 1000, flops: 2000, peakBytes: 3000 };
  const gradient = { multiplyAdds: 4000, flops: 5000, peakBytes: 6000 };
  const rows = (cost: object): string[][] =>
    lines({ cost })
      .filter((l) => /^(one image|forward)/.test(l))
      .map((l) => l.split(/ {2,}/));

  test('of one image, forward alone and with the gradient', () => {
    expect(rows({ forward, gradient })).toEqual([
      ['one image', 'multiply-adds', 'operations', 'memory'],
      ['forward', '1,000', '2,000', '3.0 kB'],
      ['forward and gradient', '4,000', '5,000', '6.0 kB'],
    ]);
    expect(rows({ forward })).toHaveLength(2);
  });

  test('that cannot be told says why, and has no table', () => {
    const unknown = 'What it costs cannot be told: the shape of "t" is not known.';
    expect(lines({ cost: { unknown: 't' } })).toContain(unknown);
    expect(rows({ unknown: 't' })).toEqual([]);
    expect(lines({ cost: { forward, unknown: 't' } })).toContain(unknown);
    expect(text({ cost: { forward } })).not.toContain('cannot be told');
  });
});

test('flags stand last, a line each', () => {
  const flags = [
    { code: 'RANDOM', message: 'It draws.' },
    { code: 'ROUNDING', message: 'It rounds.' },
  ];
  expect(lines({ flags }).slice(-2)).toEqual(['RANDOM  It draws.', 'ROUNDING  It rounds.']);
});
