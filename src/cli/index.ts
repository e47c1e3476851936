export { cli } from './program.ts';
