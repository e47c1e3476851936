import { type Content, html, type Markup, trusted } from './markup.ts';
import { styles } from './styles.ts';

/**
 * A whole page that needs nothing beside itself. Its own security policy forbids scripts and fetching: names and
 * messages in it come from strangers.
 */
export function page(title: string, body: Content, css = ''): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${trusted(styles)}${trusted(css)}</style>
</head>
<body>
<main class="page">
${body}
</main>
</body>
</html>
`.toString();
}

/** A box that scrolls sideways by itself, also by keyboard, so that the page never does. */
export function scroll(label: string, content: Content): Markup {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">${content}</div>`;
}

/** A PNG as an address that needs no server. */
export function pngUri(bytes: Uint8Array): string {
  let text = '';
  // In pieces, because an argument per byte is too many for one call.
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:image/png;base64,${btoa(text)}`;
}

/** A list of names and what they are. */
export function facts(entries: readonly (readonly [string, Content])[]): Markup {
  return html`<dl class="facts">${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}
