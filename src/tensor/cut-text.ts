/**
 * A text of at most so many UTF-16 units, the last of them an ellipsis where it is cut. No sign is cut in two: half of
 * one is no text, and shows as a replacement.
 */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
