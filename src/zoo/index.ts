export { measuredOf, trainedModel, zooEntries, zooEntry, zooFolder, zooNames } from './entries.ts';
export { type Figure, type Measured, measureEntry } from './figures.ts';
export { type LogLine, readLog } from './log.ts';
export { type MeasureOptions, measure } from './measure.ts';
export { openPool, type Pool, type PoolOptions } from './pool.ts';
export { type ProduceOptions, produce } from './produce.ts';
export { parseRecipe, type Recipe, recipeSchema, resolveTraining, type ZooEntry } from './recipe.ts';
export { type TrainedRecipe, type TrainRecipeOptions, trainRecipe } from './train.ts';
