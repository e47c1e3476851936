import { cli } from './program.ts';
import { guardStreams } from './streams.ts';

const words = process.argv.slice(2);
guardStreams(words.includes('--json'));
await cli(words);
