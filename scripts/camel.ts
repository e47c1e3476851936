/** `mi-fgsm` -> `miFgsm`, `LpPool` -> `lpPool`, `LRN` -> `lrn`, and `If` -> `ifOp`, for `if` is no name. */
export function camel(name: string): string {
  if (name === 'If') return 'ifOp';
  if (/^[A-Z0-9]+$/.test(name)) return name.toLowerCase();
  const joined = name.replace(/[-_.](\w)/g, (_, c: string) => c.toUpperCase());
  return joined.replace(/^([A-Z]+)(?=[A-Z][a-z])|^[A-Z]/, (c) => c.toLowerCase());
}
