/** Insertions, deletions and replacements that lead from one word to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}

const bare = (word: string): string => word.toLowerCase().replace(/[-_]/g, '');

/**
 * The candidate that was probably meant: at most two slips away, letter case, `-` and `_` aside.
 *
 * @returns undefined when none is that close
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const distances = candidates.map((candidate) => editDistance(bare(word), bare(candidate)));
  const least = Math.min(...distances);
  return least <= 2 && least < bare(word).length ? candidates[distances.indexOf(least)] : undefined;
}
