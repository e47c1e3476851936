/**
 * Prints a result whatever becomes of the files that are written beside it; each of them is tried.
 * @throws what the first one that failed threw
 */
export async function printAndWrite(text: string, writes: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const write of writes) await write().catch((error: unknown) => failures.push(error));
  process.stdout.write(text);
  if (failures.length > 0) throw failures[0];
}
