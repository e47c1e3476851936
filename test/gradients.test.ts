import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { caseNames, readCase, runGradientCase } from './fixtures.ts';

const names = caseNames();

/** Cases beyond the required ones that pass, so that a regression shows. */
const expected = new Set(
  JSON.parse(readFileSync(new URL('gradients.expected.json', import.meta.url), 'utf8')) as string[],
);

function required(name: string): boolean {
  return (
    readCase(name).group === 'basic' ||
    /^(kink_|resize_linear_half_pixel_|resize_linear_pytorch_half_pixel_)/.test(name)
  );
}

describe.skipIf(names.length === 0)('reference gradients of PyTorch (needs the shared fixtures)', () => {
  test.for(names)('%s', async (name, { skip }) => {
    const { failure } = await runGradientCase(name);
    if (failure !== undefined && !required(name) && !expected.has(name)) skip(failure);
    expect(failure).toBeUndefined();
  });
});
