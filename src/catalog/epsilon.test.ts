import { expect, test } from 'vitest';
import { told } from '../../test/told.ts';
import { parseEpsilon } from './index.ts';

test('an epsilon is a fraction or a number above 0', async () => {
  expect([parseEpsilon('8/255'), parseEpsilon('0.03'), parseEpsilon(2)]).toEqual([8 / 255, 0.03, 2]);
  expect([parseEpsilon(' 0.5 '), parseEpsilon(' 1 / 4 '), parseEpsilon('+.5e-1')]).toEqual([0.5, 0.25, 0.05]);
  const tries = ['0', '-1', '8/0', 'eight', '', '0x10', '1/2/4'].map(
    (text) => [`"${text}"`, () => parseEpsilon(text)] as const,
  );
  expect(await told(Object.fromEntries(tries))).toMatchInlineSnapshot(`
    ""0": EPSILON The epsilon "0" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "-1": EPSILON The epsilon "-1" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "8/0": EPSILON The epsilon "8/0" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "eight": EPSILON The epsilon "eight" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "": EPSILON The epsilon "" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "0x10": EPSILON The epsilon "0x10" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03.
    "1/2/4": EPSILON The epsilon "1/2/4" is no positive number. | Give pixel units of [0,1], as a fraction such as 8/255 or as a decimal such as 0.03."
  `);
});
