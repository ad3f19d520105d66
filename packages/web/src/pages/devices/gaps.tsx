import { Failure } from "../../parts/failure.js";
import { Skeleton } from "../../parts/skeleton.js";
import { DateTime, Duration } from "../../parts/times.js";
import { countOf } from "../../parts/words.js";
import { momentPath } from "../../parts/zoned.js";
import { zone } from "../../server/info.js";
import { useServer } from "../../server/use-server.js";
import { linkTo } from "../../shell/router.js";
import { gapsByCause } from "./device-words.js";

/** As many as are asked for, and as are listed. */
const ASKED = 1000;
const LISTED = 20;

/** What is missing in the last 30 days, why, and where. */
export function Gaps({ device }: { readonly device: string }) {
  const { state, value, error, again } = useServer("GET /gaps", {
    query: { device, from: "-30d", limit: ASKED },
  });
  const latest = [...(value ?? [])].sort((a, b) => b.startUs - a.startUs);
  return (
    <section aria-labelledby="gaps">
      <h2 id="gaps">What is missing, of the last 30 days</h2>
      {state === "loading" && <Skeleton like="some gaps of some cause" />}
      {error && <Failure error={error} again={again} />}
      {value?.length === 0 && <p>Nothing that the device sent is missing.</p>}
      {latest.length > 0 && (
        <>
          <ul class="causes">
            {gapsByCause(latest).map(({ cause, gaps, lengthUs }) => (
              <li key={cause}>
                <strong>{cause}</strong> <Duration us={lengthUs} />{" "}
                <span class="faint">in {countOf(gaps, "gap")}</span>
              </li>
            ))}
          </ul>
          <GapTable device={device} gaps={latest.slice(0, LISTED)} />
          <p class="small faint">
            {latest.length === ASKED && `Only ${ASKED} were asked for. `}
            {latest.length > LISTED && `The ${LISTED} latest of ${latest.length}; the days show all.`}
          </p>
        </>
      )}
    </section>
  );
}

interface GapTableProps {
  readonly device: string;
  readonly gaps: readonly {
    readonly startUs: number;
    readonly endUs: number;
    readonly lengthUs: number;
    readonly cause: string;
    readonly filled: boolean;
  }[];
}

function GapTable({ device, gaps }: GapTableProps) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col" class="number">
              Missing
            </th>
            <th scope="col">Cause</th>
            <th scope="col">In its place</th>
          </tr>
        </thead>
        <tbody>
          {gaps.map(({ startUs, endUs, lengthUs, cause, filled }) => (
            <tr key={`${startUs} ${endUs} ${cause}`}>
              <td>
                <a href={linkTo(momentPath(startUs, zone.value, [device]))}>
                  <DateTime us={startUs} />
                </a>
              </td>
              <td class="number">
                <Duration us={lengthUs} />
              </td>
              <td>{cause}</td>
              <td>{filled ? "silence" : "nothing"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
