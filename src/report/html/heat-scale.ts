/** Steps of the scale from 0 (the attack wins) to 1 (the defense wins). */
export const heatSteps = 20;

type Colour = [number, number, number];

const stops: readonly Colour[] = [
  [158, 58, 20],
  [224, 142, 82],
  [246, 239, 226],
  [134, 176, 214],
  [28, 76, 138],
];

const dark: Colour = [20, 22, 25];
const light: Colour = [255, 255, 255];

/** One step's ground and the ink that reads best on it. The same in light and dark pages: it stands for a value. */
export function heatColours(step: number): { ground: string; ink: string; contrast: number } {
  const at = (step / heatSteps) * (stops.length - 1);
  const from = Math.min(Math.floor(at), stops.length - 2);
  const [a, b] = [stops[from] as Colour, stops[from + 1] as Colour];
  const ground = a.map((v, i) => Math.round(v + ((b[i] as number) - v) * (at - from))) as Colour;
  const ink = contrast(ground, dark) >= contrast(ground, light) ? dark : light;
  return { ground: css(ground), ink: css(ink), contrast: contrast(ground, ink) };
}

/** Class of the step nearest to a share in [0,1]. */
export function heatClass(share: number): string {
  return `h${Math.round(share * heatSteps)}`;
}

/** CSS rules of all steps. */
export const heatRules = Array.from({ length: heatSteps + 1 }, (_, step) => {
  const { ground, ink } = heatColours(step);
  return `.h${step} { background: ${ground}; color: ${ink}; }`;
}).join('\n');

function css(colour: Colour): string {
  return `#${colour.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

/** Contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance). */
function contrast(a: Colour, b: Colour): number {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: Colour): number {
  const [r, g, b] = colour.map((v) => {
    const c = v / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
