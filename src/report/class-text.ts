/** What people call classes, by the number that the result uses. */
export type ClassNames = Readonly<Record<number, string>>;

/** What a model does that answers -1. */
export const abstains = 'abstains';

/** `3 stop`; the number alone where the class has no other name; `abstains` for -1. */
export function classText(label: number, names: ClassNames | undefined): string {
  if (label < 0) return abstains;
  const name = names?.[label];
  return name === undefined || name === String(label) ? String(label) : `${label} ${name}`;
}
