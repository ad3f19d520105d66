import { Dialog } from "../../parts/dialog.js";
import { KEYS } from "./keys.js";

const POINTERS = [
  ["Click", "play from there"],
  ["Drag", "select (on a touch screen: hold, then drag)"],
  ["Drag the hours", "look earlier or later (on a touch screen: drag anywhere)"],
  ["Wheel, pinch", "nearer or farther"],
  ["Shift and wheel", "look earlier or later"],
  ["Alt and wheel", "scroll the page"],
  ["Double click", "nearer"],
] as const;

/** What scrolls must be reached by a keyboard. */
function scrollable(element: HTMLElement | null): void {
  if (element !== null) element.tabIndex = 0;
}

/** All keys, and what pointers do. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <section class="day-keys" aria-label="All keys" ref={scrollable}>
        <dl>
          {KEYS.map(({ shown, about }) => (
            <div key={shown}>
              <dt>
                {shown.split(" ").map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
        <dl>
          {POINTERS.map(([shown, about]) => (
            <div key={shown}>
              <dt>{shown}</dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      </section>
      <footer>
        <button type="button" class="primary" onClick={onClose}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
