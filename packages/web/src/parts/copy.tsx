import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import "./copy.css";

/** A command to be copied. */
export function Copy({ text, label }: { readonly text: string; readonly label: string }) {
  const isDone = useSignal(false);
  const code = useRef<HTMLElement>(null);
  const copy = async () => {
    // Browsers give the clipboard to pages of https and of this machine alone; the text can then be copied by hand.
    if (navigator.clipboard === undefined) return select(code.current);
    await navigator.clipboard.writeText(text).then(
      () => {
        isDone.value = true;
        setTimeout(() => {
          isDone.value = false;
        }, 2000);
      },
      () => select(code.current),
    );
  };
  return (
    <div class="copy">
      <pre>
        <code ref={code}>{text}</code>
      </pre>
      <button type="button" onClick={copy} aria-label={`Copy: ${label}`}>
        <span aria-live="polite">{isDone.value ? "Copied" : "Copy"}</span>
      </button>
    </div>
  );
}

function select(element: Element | null): void {
  if (element !== null) getSelection()?.selectAllChildren(element);
}
