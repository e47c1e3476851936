import { extremum } from '../extremum.ts';

export const max = extremum('Max');
