import { linkTo, place } from "./router.js";

const LINKS = [
  { to: "/", name: "Now" },
  { to: "/calendar", name: "Calendar" },
  { to: "/search", name: "Search" },
  { to: "/devices", name: "Devices" },
  { to: "/microphone", name: "Microphone" },
] as const;

/** The way to every page. */
export function Header() {
  const { path } = place.value;
  return (
    <header>
      <nav aria-label="Pages">
        {LINKS.map(({ to, name }) => (
          <a key={to} href={linkTo(to)} aria-current={path === to ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </header>
  );
}
