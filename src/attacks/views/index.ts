// Generated from the files of this folder by `npm run catalog`. Do not edit.

import { type Catalog, catalogOf } from '../../catalog/index.ts';
import type { View } from '../view.ts';
import { bpda } from './bpda.ts';

export { bpda };

export const views: Catalog<View> = catalogOf('view', [bpda]);
