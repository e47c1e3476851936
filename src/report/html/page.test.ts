import { describe, expect, test } from 'vitest';
import { attributes, one, parsed, texts } from '../../../test/report/dom.ts';
import { html, trusted } from './markup.ts';
import { facts, page, pngUri, scroll } from './page.ts';

describe('a page', () => {
  const document = parsed(page('A <b> & "c"', html`<p>body</p>`, '.own { color: red; }'));

  test('has its title as text, and its body in the one main part', () => {
    expect(texts(document, 'title')).toEqual(['A <b> & "c"']);
    expect(texts(document, 'main p')).toEqual(['body']);
    expect(document.querySelectorAll('title b').length).toBe(0);
  });

  test('forbids scripts and fetching', () => {
    expect(attributes(document, '[http-equiv="Content-Security-Policy"]', 'content')).toEqual([
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    ]);
    expect(attributes(document, 'meta[charset]', 'charset')).toEqual(['utf-8']);
  });

  test('has the common style before its own, which wins', () => {
    const [style = ''] = texts(document, 'style');
    expect(style.indexOf('.page {')).toBeGreaterThan(-1);
    expect(style.indexOf('.own { color: red; }')).toBeGreaterThan(style.indexOf('.page {'));
  });
});

test('a box that scrolls is reached by keyboard, and has a name', () => {
  const box = one(parsed(scroll('Times "now"', html`<i>x</i>`)), '.scroll');
  expect([box.getAttribute('aria-label'), box.getAttribute('tabindex'), box.getAttribute('role')]).toEqual([
    'Times "now"',
    '0',
    'region',
  ]);
  expect(box.querySelector('i')?.textContent).toBe('x');
});

test('facts are names and what they are, in their order', () => {
  const list = parsed(
    facts([
      ['Seed', '0'],
      ['Model', html`<code>m</code>`],
      ['Draws', 3],
    ]),
  );
  expect(texts(list, 'dt')).toEqual(['Seed', 'Model', 'Draws']);
  expect(texts(list, 'dd')).toEqual(['0', 'm', '3']);
});

test('bytes of any number are an address', () => {
  for (const size of [0, 1, 2, 3, 0x8000 - 1, 0x8000, 0x8000 + 1, 3 * 0x8000 + 5]) {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i * 7) % 256);
    expect(
      pngUri(bytes) === `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
      `${size}`,
    ).toBe(true);
  }
});

describe('templates', () => {
  test('escape what could be markup, in text and attributes', () => {
    const found = parsed(html`<p title="${`"'<>&`}">${`"'<>&`}</p>`);
    expect(attributes(found, 'p', 'title')).toEqual([`"'<>&`]);
    expect(texts(found, 'p')).toEqual([`"'<>&`]);
    expect(String(html`${`"'<>&`}`)).toBe('&quot;&#39;&lt;&gt;&amp;');
  });

  test('leave markup as it is, join lists, and leave out what is absent', () => {
    expect(String(html`a${html`<i>b</i>`}${trusted('<u>c</u>')}d`)).toBe('a<i>b</i><u>c</u>d');
    expect(String(html`${['<', html`<br>`, [1, undefined, false]]}`)).toBe('&lt;<br>1');
    expect(String(html`${undefined}${false}${0}${''}`)).toBe('0');
  });

  test('take nothing that only looks like markup', () => {
    const forged = { toString: () => '<i>' } as unknown as string;
    expect(() => String(html`${forged}`)).toThrow(TypeError);
  });
});
