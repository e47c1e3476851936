import { describe, expect, test } from 'vitest';
import { caseNames, runGradientCase } from './fixtures.ts';

const names = caseNames();

describe.skipIf(names.length === 0)('reference gradients of PyTorch (needs the shared fixtures)', () => {
  test.for(names)('%s', async (name) => {
    const { failure } = await runGradientCase(name);
    expect(failure).toBeUndefined();
  });
});
