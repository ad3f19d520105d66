import type { Finding } from "@audio/api";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Empty, Failure } from "../../parts/failure.js";
import { useServer } from "../../server/use-server.js";
import { goTo, place } from "../../shell/router.js";
import { FindingRow } from "./finding.js";
import "./search.css";

const TYPED_MS = 250;
const MOST = 100;

const KINDS: readonly { readonly kind: Finding["kind"]; readonly title: string }[] = [
  { kind: "date", title: "Days" },
  { kind: "device", title: "Devices" },
  { kind: "note", title: "Notes" },
  { kind: "pin", title: "Pins" },
];

/** Finds devices, dates, notes and pins. */
export function Page() {
  const asked = place.value.query.get("q") ?? "";
  const typed = useSignal(asked);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []); // there is nothing else to do here
  useEffect(() => {
    typed.value = asked; // another link to this page was followed
  }, [asked]);
  useEffect(() => {
    const { value } = typed;
    if (value.trim() === asked) return;
    const timer = setTimeout(() => goTo(pathOf(value), "replace"), TYPED_MS);
    return () => clearTimeout(timer);
  }, [typed.value]);
  return (
    <div class="page search">
      <h1>Search</h1>
      <search>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            goTo(pathOf(typed.peek()));
          }}
        >
          <input
            type="search"
            aria-label="Search devices, dates, notes and pins"
            placeholder="A device, a date, a word of a note"
            maxLength={100}
            ref={field}
            value={typed.value}
            onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
          />
        </form>
      </search>
      {asked.trim() === "" ? <WhatCanBeFound /> : <Found q={asked.trim()} />}
    </div>
  );
}

function pathOf(typed: string): string {
  const text = typed.trim();
  return text === "" ? "/search" : `/search?${new URLSearchParams({ q: text })}`;
}

function Found({ q }: { readonly q: string }) {
  const found = useServer("GET /search", { query: { q, limit: MOST } });
  const { value = [] } = found;
  return (
    <>
      <p class={found.state === "ready" ? "faint" : "unseen"} role="status">
        {found.state === "ready" && countText(value.length)}
      </p>
      {found.error && <Failure error={found.error} again={found.again} />}
      {found.state === "loading" && <p class="faint">Searching…</p>}
      {found.state === "ready" && value.length === 0 && (
        <Empty title={`Nothing has “${q}” in it`}>
          <WhatCanBeFound />
        </Empty>
      )}
      {KINDS.map(({ kind, title }) => (
        <Group key={kind} title={title} found={value.filter((each) => each.kind === kind)} />
      ))}
    </>
  );
}

function countText(count: number): string {
  if (count >= MOST) return `The first ${MOST} that were found`;
  return `${count} found`;
}

function Group({ title, found }: { readonly title: string; readonly found: readonly Finding[] }) {
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul class="search-found">
        {found.map((finding, i) => (
          <FindingRow key={i} finding={finding} />
        ))}
      </ul>
    </section>
  );
}

function WhatCanBeFound() {
  return (
    <div class="search-hints">
      <p>What can be found:</p>
      <ul>
        <li>
          <strong>devices</strong>, by name, label or group: <code>kitchen</code>
        </li>
        <li>
          <strong>days</strong>: <code>2026-11-17</code>, <code>17 Nov</code>
        </li>
        <li>
          <strong>notes</strong>, by their words: <code>owl</code>
        </li>
        <li>
          <strong>pins</strong>, by why they are there
        </li>
      </ul>
    </div>
  );
}
