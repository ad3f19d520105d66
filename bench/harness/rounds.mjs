/**
 * Runs every contender once per round, in turn (A B C, A B C, …), so that whatever else happens on the
 * machine meets all of them alike.
 * @template {{ name: string }} Contender
 * @template Result
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @param {(contender: Contender) => Promise<Result> | Result} run
 * @returns {Promise<Map<Contender, Result[]>>}
 */
export async function interleave(contenders, rounds, run) {
  const results = new Map(contenders.map((contender) => [contender, /** @type {Result[]} */ ([])]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      process.stderr.write(`  round ${round} of ${rounds}: ${contender.name}\n`);
      results.get(contender)?.push(await run(contender));
    }
  }
  return results;
}
