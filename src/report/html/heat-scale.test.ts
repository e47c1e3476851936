import { describe, expect, test } from 'vitest';
import { heatClass, heatColours, heatRules, heatSteps } from './heat-scale.ts';

const channels = (colour: string): number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
const steps = Array.from({ length: heatSteps + 1 }, (_, step) => step);

/** Relative luminance of WCAG 2.2, of what a browser is told. */
const luminance = (colour: string): number =>
  channels(colour)
    .map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * ([0.2126, 0.7152, 0.0722][i] as number), 0);
const contrast = (a: string, b: string): number => {
  const [x, y] = [luminance(a) + 0.05, luminance(b) + 0.05];
  return Math.max(x, y) / Math.min(x, y);
};

describe('colours of shares', () => {
  test('go from red-brown, where the attack wins, over cream to blue, where the defense does', () => {
    expect([0, 5, 10, 15, 20].map((step) => heatColours(step).ground)).toEqual([
      '#9e3a14',
      '#e08e52',
      '#f6efe2',
      '#86b0d6',
      '#1c4c8a',
    ]);
  });

  test('lie between their stops in equal parts', () => {
    const [a, b] = [channels(heatColours(5).ground), channels(heatColours(10).ground)];
    const between = a.map((v, i) => Math.round(v + 0.4 * ((b[i] as number) - v)));
    expect(channels(heatColours(7).ground)).toEqual(between);
    const [c, d] = [channels(heatColours(15).ground), channels(heatColours(20).ground)];
    const last = c.map((v, i) => Math.round(v + 0.8 * ((d[i] as number) - v)));
    expect(channels(heatColours(19).ground)).toEqual(last);
  });

  test('are lightest in the middle, darker step by step to both ends', () => {
    const light = steps.map((step) => luminance(heatColours(step).ground));
    for (const step of steps.slice(1))
      expect(Math.sign((light[step] as number) - (light[step - 1] as number)), `step ${step}`).toBe(
        step <= heatSteps / 2 ? 1 : -1,
      );
  });

  test('have the ink that reads better on them, with the contrast that is told', () => {
    for (const step of steps) {
      const { ground, ink, contrast: told } = heatColours(step);
      const other = ink === '#ffffff' ? '#141619' : '#ffffff';
      expect(['#ffffff', '#141619']).toContain(ink);
      expect(told).toBeCloseTo(contrast(ground, ink), 10);
      expect(told).toBeGreaterThan(contrast(ground, other));
    }
    expect([0, 10, 20].map((step) => heatColours(step).ink)).toEqual(['#ffffff', '#141619', '#ffffff']);
  });
});

test('a share has the class of the nearest step, the upper one from its middle on', () => {
  expect([0, 0.0249, 0.0251, 0.5, 0.74, 0.76, 0.9749, 0.9751, 1].map(heatClass)).toEqual([
    'h0',
    'h0',
    'h1',
    'h10',
    'h15',
    'h15',
    'h19',
    'h20',
    'h20',
  ]);
});

test('the style sheet has a rule for each step', () => {
  expect(heatRules.split('\n')).toEqual(
    steps.map((step) => {
      const { ground, ink } = heatColours(step);
      return `.h${step} { background: ${ground}; color: ${ink}; }`;
    }),
  );
  expect(steps).toHaveLength(21);
});
