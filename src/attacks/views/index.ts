// Generated from the files of this folder by `npm run catalog`. Do not edit.

import type { View } from '../view.ts';
import { bpda } from './bpda.ts';

export { bpda };

export const views: readonly View[] = [bpda];
