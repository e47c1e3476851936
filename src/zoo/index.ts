export { type ZooEntry, zooEntries, zooEntry, zooFolder, zooNames } from './entries.ts';
export { type ProduceOptions, produce } from './produce.ts';
export { parseRecipe, type Recipe, recipeSchema, resolveTraining } from './recipe.ts';
export { type TrainedRecipe, type TrainRecipeOptions, trainRecipe } from './train.ts';
