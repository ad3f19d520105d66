import { interleave } from "../harness/rounds.mjs";
import { markdownTable, median } from "../harness/table.mjs";

/** @typedef {import("../harness/peer.mjs").Peer} Peer */

/**
 * What every suite is told.
 * @typedef {object} SuiteOptions
 * @property {boolean} quick less load and one round, for a first look
 * @property {number} rounds
 * @property {number} [seconds] steady seconds of the real-time suites, in place of their own
 * @property {string} directory scratch folder for programs and recordings
 * @property {readonly string[] | undefined} only run just these peers
 */

/**
 * Those contenders that the user asked for.
 * @template {{ name: string }} Contender
 * @param {readonly Contender[]} contenders
 * @param {SuiteOptions} options
 */
export function wantedOf(contenders, { only }) {
  return contenders.filter(({ name }) => only?.some((part) => name.includes(part)) ?? true);
}

/**
 * @template Run
 * @typedef {object} Comparison
 * @property {SuiteOptions} options
 * @property {string} title
 * @property {string} goal
 * @property {readonly Peer[]} peers
 * @property {string} yardstick name of the peer whose cost counts as 1
 * @property {(peer: Peer) => Promise<Run>} run
 * @property {(run: Run) => number} cost what the ratio compares
 * @property {Record<string, (run: Run) => number>} columns
 * @property {(runs: readonly Run[]) => string} [doubt] why the runs mean little, if they do
 */

/**
 * Runs the peers in interleaved rounds; a section of markdown with the medians and each one's ratio to the yardstick.
 * @template Run
 * @param {Comparison<Run>} comparison
 */
export async function comparePeers({ options, title, goal, peers, yardstick, run, cost, columns, doubt }) {
  const wanted = wantedOf(peers, options);
  const results = await interleave(
    wanted.filter(({ missing }) => !missing),
    options.rounds,
    run,
  );
  const yardstickPeer = wanted.find(({ name }) => name === yardstick);
  const unit = median((yardstickPeer && results.get(yardstickPeer)?.map(cost)) ?? []);
  const head = ["", ...Object.keys(columns), `× ${yardstick}`];
  const rows = wanted.map((peer) => {
    const runs = results.get(peer);
    if (!runs) return [`${peer.name}: ${peer.missing}`, ...head.slice(1).map(() => "–")];
    const cells = Object.values(columns).map((value) => median(runs.map(value)));
    return [peer.name, ...cells, median(runs.map(cost)) / unit];
  });
  const note = doubt?.([...results.values()].flat()) ?? "";
  return `### ${title}\n\n${markdownTable(head, rows)}\n\nGoal: ${goal}. Rounds: ${options.rounds}, interleaved; medians. ${note}\n`;
}
