export { type AttackImages, attackHtml } from './attack-html.ts';
export { attackTable } from './attack-table.ts';
export { inspectionText } from './inspection-text.ts';
export { printable, printableLines } from './printable.ts';
export type { TextOptions } from './table.ts';
export { type PageOptions, tournamentHtml } from './tournament-html.ts';
export { tournamentTables } from './tournament-tables.ts';
export { type ZooRow, zooTable, zooText } from './zoo-text.ts';
