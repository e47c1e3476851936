/** How text goes to stdout: coloured and as wide as the terminal, plain and 110 wide into files and pipes. */
export function terminal(): { colour: boolean; width: number } {
  return { colour: process.stdout.isTTY, width: process.stdout.columns ?? 110 };
}
