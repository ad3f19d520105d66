import { computed } from "@preact/signals";
import type { ComponentType } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Empty, Failure } from "../parts/failure.js";
import { PAGES, type Page } from "./pages.js";
import { linkTo, place } from "./router.js";

const current = computed(() => PAGES.find(({ path }) => path.test(place.value.path)));

/** The page one is at; it is loaded when it is first gone to. */
export function CurrentPage() {
  const page = current.value;
  useEffect(() => {
    document.title = `${page?.title ?? "Not found"} · Audio receiver`;
  }, [page]);
  return page === undefined ? <NotFound /> : <Loaded key={page.title} page={page} />;
}

function Loaded({ page }: { readonly page: Page }) {
  const [shown, setShown] = useState<{ readonly Shown?: ComponentType; readonly error?: Error }>({});
  const load = useCallback(() => {
    page.load().then(
      (loaded) => setShown({ Shown: loaded.Page }),
      (error: Error) => setShown({ error }),
    );
  }, [page]);
  useEffect(load, [load]);
  const { Shown, error } = shown;
  if (Shown !== undefined) return <Shown />;
  if (error === undefined) return null; // some milliseconds; a word that is gone at once only flickers
  return (
    <div class="page">
      <h1>{page.title}</h1>
      <Failure error={error} again={load} />
    </div>
  );
}

function NotFound() {
  return (
    <div class="page">
      <h1>Not found</h1>
      <Empty title={`There is no page ${place.value.path}`}>
        <p>
          <a href={linkTo("/")}>What is recorded now</a>, or <a href={linkTo("/calendar")}>the calendar</a> of
          all that was.
        </p>
      </Empty>
    </div>
  );
}
