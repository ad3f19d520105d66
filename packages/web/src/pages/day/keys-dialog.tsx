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

/** All keys, and what pointers do. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div class="day-keys">
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
      </div>
      <footer>
        <button type="button" class="primary" onClick={onClose}>
          Close
        </button>
      </footer>
    </Dialog>
  );
}
