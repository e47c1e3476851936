import { defineOp } from '../op.ts';
import { gridSample } from './GridSample.ts';

/** As the standard operator, two spatial axes. */
export const comMicrosoftGridSample = defineOp({ ...gridSample, domain: 'com.microsoft' });
