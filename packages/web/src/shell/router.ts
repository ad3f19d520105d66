import { signal } from "@preact/signals";

/** Where one is: the path below the web root, and the state of the page in its query. */
export interface Place {
  /** Begins with `/`. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The page that is shown; changes as links are followed and by `goTo`. */
export const place = signal<Place>(placeOf(new URL(location.href)));

/**
 * Goes to another place.
 * @param to path and query below the web root, as `/date/2026-11-17?at=03:17`
 * @param how `replace`: the way back does not stop here, as while a view is dragged
 */
export function goTo(to: string, how: "push" | "replace" = "push"): void {
  const url = new URL(to.replace(/^\//, ""), document.baseURI);
  if (how === "push") history.pushState(null, "", url);
  else history.replaceState(null, "", url);
  place.value = placeOf(url);
}

/** The address of a place, for a link. */
export function linkTo(to: string): string {
  return new URL(to.replace(/^\//, ""), document.baseURI).href;
}

/** Follows links within the pages without loading them anew. */
export function followLinks(): () => void {
  const follow = (event: MouseEvent) => {
    const link = (event.target as Element | null)?.closest("a");
    const isOurs =
      link?.href.startsWith(document.baseURI) && link.target === "" && !link.hasAttribute("download");
    const isPlain =
      event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isOurs || !isPlain || event.defaultPrevented) return;
    event.preventDefault();
    goTo(link.href.slice(document.baseURI.length - 1));
  };
  const back = () => {
    place.value = placeOf(new URL(location.href));
  };
  document.addEventListener("click", follow);
  addEventListener("popstate", back);
  return () => {
    document.removeEventListener("click", follow);
    removeEventListener("popstate", back);
  };
}

function placeOf(url: URL): Place {
  const root = new URL(document.baseURI).pathname;
  return { path: `/${decodeURI(url.pathname.slice(root.length))}`, query: url.searchParams };
}
