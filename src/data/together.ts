/**
 * Works on all items at once and gives the results in order. Of several failures the first in order is thrown, not
 * the first in time, so that the same files always give the same message.
 */
export async function together<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const settled = await Promise.allSettled(items.map(work));
  return settled.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
