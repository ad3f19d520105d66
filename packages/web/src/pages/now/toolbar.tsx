import { type DeviceState, StateBadge } from "../../parts/state-badge.js";
import type { GroupKey, SortKey } from "./rows.js";
import { changeView, counts, rows, toggleState, view } from "./view.js";

const STATES: readonly DeviceState[] = ["recording", "silent", "not-recorded", "offline"];

/** How many are in each state, which is a filter too; find, sort and group. */
export function Toolbar() {
  const { text, sort, group, states } = view.value;
  return (
    <div class="bar toolbar">
      {STATES.map((state) => (
        <button
          key={state}
          type="button"
          class="state-count"
          aria-pressed={states.includes(state)}
          disabled={counts.value[state] === 0 && !states.includes(state)}
          onClick={() => toggleState(state)}
        >
          <strong>{counts.value[state]}</strong>
          <StateBadge state={state} />
        </button>
      ))}
      <span class="bar toolbar-end">
        <input
          type="search"
          placeholder={`Find among ${rows.value.length}`}
          aria-label="Find devices by name, group or address"
          value={text}
          onInput={({ currentTarget }) => changeView({ text: currentTarget.value })}
        />
        <label class="toolbar-sort">
          <span class="faint">Sort</span>
          <select
            value={sort}
            onChange={({ currentTarget }) => changeView({ sort: currentTarget.value as SortKey })}
          >
            <option value="state">by state</option>
            <option value="name">by name</option>
            <option value="loss">by loss</option>
            <option value="drift">by drift</option>
            <option value="last">by last audio</option>
          </select>
        </label>
        <label>
          <span class="faint">Group</span>
          <select
            value={group}
            onChange={({ currentTarget }) => changeView({ group: currentTarget.value as GroupKey })}
          >
            <option value="none">not</option>
            <option value="group">by group</option>
            <option value="state">by state</option>
          </select>
        </label>
      </span>
    </div>
  );
}
