import { parseHTML } from 'linkedom';

/** What selectors are asked of. */
export type Root = Pick<ReturnType<typeof parseHTML>['document'], 'querySelector' | 'querySelectorAll'>;
type Element = NonNullable<ReturnType<Root['querySelector']>>;

/** Markup, a whole page or a piece of one, as a browser would read it. */
export function parsed(markup: { toString(): string }): Root {
  const text = markup.toString();
  return parseHTML(text.startsWith('<!doctype') ? text : `<body>${text}</body>`).document;
}

/** The first element of a selector. @throws Error if there is none */
export function one(root: Root, selector: string): Element {
  const found = root.querySelector(selector);
  if (found === null) throw new Error(`nothing is ${selector}`);
  return found;
}

/** Texts of all elements of a selector, without space at their ends; spaces that do not break as others. */
export function texts(root: Root, selector: string): string[] {
  return [...root.querySelectorAll(selector)].map((e) =>
    (e.textContent ?? '').replaceAll('\u00A0', ' ').trim(),
  );
}

/** Cells of the rows of a selector. */
export function cells(root: Root, rows = 'tbody tr'): string[][] {
  return [...root.querySelectorAll(rows)].map((row) => texts(row, 'th, td'));
}

/** An attribute of all elements of a selector; empty where one lacks it. */
export function attributes(root: Root, selector: string, name: string): string[] {
  return [...root.querySelectorAll(selector)].map((e) => e.getAttribute(name) ?? '');
}

/** Attributes that are numbers, of all elements of a selector. */
export function numbers(root: Root, selector: string, ...names: string[]): number[][] {
  return [...root.querySelectorAll(selector)].map((e) => names.map((n) => Number(e.getAttribute(n))));
}
