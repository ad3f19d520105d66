import { useSignal, useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Header } from "./header.js";
import { PAGES } from "./pages.js";
import { followLinks, place } from "./router.js";

/** Everything: header, the page one is at, the player below. */
export function App() {
  useEffect(followLinks, []);
  return (
    <>
      <Header />
      <main>
        <CurrentPage />
      </main>
    </>
  );
}

function CurrentPage() {
  const shown = useSignal<ComponentType | undefined>(undefined);
  useSignalEffect(() => {
    const { path } = place.value;
    const page = PAGES.find((candidate) => candidate.path.test(path));
    document.title = `${page?.title ?? "Not found"} · Audio receiver`;
    void page?.load().then(({ Page }) => {
      shown.value = Page;
    });
  });
  const Page = shown.value;
  return Page === undefined ? <p>Loading…</p> : <Page />;
}
