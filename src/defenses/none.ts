import { z } from 'zod';
import { defineDefense } from './define.ts';

/** The model as it is: what every other defense is compared with. */
export const none = defineDefense({
  name: 'none',
  title: 'No defense',
  paper: 'the undefended model',
  options: z.strictObject({}),
  open: ({ model }) => model,
});
