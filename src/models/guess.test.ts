import { expect, test } from 'vitest';
import type { SidecarDraft } from './draft-sidecar.ts';
import { withGuess, withoutGuess } from './guess.ts';

const mean = [0.49, 0.48, 0.44];
const guess = { mean, alike: ['ImageNet mean and std'] };
const note = 'The graph shifts or scales its images itself (Sub "s"): and so on.';
const draft: SidecarDraft = {
  entries: [{ entry: 'input.name', value: 'x', from: 'graph' }],
  missing: [],
  notes: ['first', note],
};

test('a guess is told from what a hand wrote', () => {
  const rest = { input: { name: 'x' } };
  expect(withoutGuess({ ...rest, preprocessing: guess })).toEqual({ entries: rest, guess });
  for (const preprocessing of [{}, { mean }, { mean, alike: [] }, { ...guess, seen: 'by hand' }])
    expect(withoutGuess({ ...rest, preprocessing })).toEqual({ entries: { ...rest, preprocessing } });
  expect(withoutGuess(rest)).toEqual({ entries: rest });
});

test('a guess stays until somebody says more', () => {
  expect(withGuess(draft, undefined)).toBe(draft);
  const from = 'guess of the sidecar that was there';
  expect(withGuess(draft, guess)).toEqual({
    entries: [
      ...draft.entries,
      { entry: 'preprocessing.mean', value: mean, from },
      { entry: 'preprocessing.alike', value: guess.alike, from },
    ],
    missing: [],
    notes: ['first'],
  });
  const said = { entry: 'preprocessing.mean', value: [0], from: 'preprocessor_config.json' };
  expect(withGuess({ ...draft, entries: [said] }, guess)).toEqual({
    entries: [said],
    missing: [],
    notes: [
      'first',
      note,
      'The preprocessing that was there was a guess: that of preprocessor_config.json takes its place.',
    ],
  });
});
