import { Clock } from "../parts/times.js";
import { ConnectionState } from "./connection.js";
import { DayLinks } from "./day-links.js";
import "./header.css";
import { linkTo, place } from "./router.js";

const LINKS = [
  { to: "/", name: "Now" },
  { to: "/calendar", name: "Calendar" },
  { to: "/search", name: "Search" },
  { to: "/devices", name: "Devices" },
  { to: "/microphone", name: "Microphone" },
] as const;

/** The way to every page and to any day of the last week, the receiver's clock, and whether it is heard. */
export function Header() {
  const { path } = place.value;
  return (
    <header class="top">
      <span class="brand">
        <img src={linkTo("/icon.svg")} width="20" height="20" alt="" />
        Audio receiver
      </span>
      <nav class="pages" aria-label="Pages">
        {LINKS.map(({ to, name }) => (
          <a key={to} href={linkTo(to)} aria-current={isAt(path, to) ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <DayLinks />
      <span class="server-state">
        <ConnectionState />
        <Clock />
      </span>
    </header>
  );
}

function isAt(path: string, to: string): boolean {
  return path === to || (to !== "/" && path.startsWith(`${to}/`));
}
