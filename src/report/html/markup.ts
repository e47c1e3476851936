/** HTML that needs no escaping any more. Only this file makes it, so that nothing of others' passes for it. */
export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | false | undefined | readonly Content[];

/** A template whose values are escaped unless they are markup themselves; lists are joined, absent values vanish. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.map((part, i) => (i === 0 ? part : text(values[i - 1]) + part)).join(''));
}

/** Text that this project's own code made and that is HTML already: style sheets, drawings, data URIs. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function text(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.toString();
  if (typeof value === 'object') return value.map(text).join('');
  return escape(String(value));
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(value: string): string {
  return value.replace(/[&<>"']/g, (c) => entities[c] as string);
}
