/** Which tests are run, told to the processes in which they are. */
export interface Tests {
  /** Those of the rooms, or all but those. */
  readonly pass: 'room' | 'all';
  /** Folders of `src/`. */
  readonly rooms: readonly (string | undefined)[];
}

export const testsVariable = 'ADVARENA_MUTANT_TESTS';
