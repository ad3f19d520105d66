import type { ComponentType } from "preact";

/** A page is loaded when it is first gone to. */
export interface Page {
  readonly path: RegExp;
  readonly title: string;
  readonly load: () => Promise<{ readonly Page: ComponentType }>;
}

/** Every page, by its path below the web root. */
export const PAGES: readonly Page[] = [
  { path: /^\/$/, title: "Now", load: () => import("../pages/now/page.js") },
  { path: /^\/date\/\d{4}-\d{2}-\d{2}$/, title: "Day", load: () => import("../pages/day/page.js") },
  { path: /^\/calendar$/, title: "Calendar", load: () => import("../pages/calendar/page.js") },
  { path: /^\/search$/, title: "Search", load: () => import("../pages/search/page.js") },
  { path: /^\/devices(\/[^/]+)?$/, title: "Devices", load: () => import("../pages/devices/page.js") },
  { path: /^\/microphone$/, title: "Microphone", load: () => import("../pages/microphone/page.js") },
];
