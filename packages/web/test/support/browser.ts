import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { LOGIN } from "./web-server.js";

/** What the page is looked at with. */
export const SCREENS = {
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  desktop: { viewport: { width: 1440, height: 900 } },
} as const;
export type Screen = keyof typeof SCREENS;
export type ColorScheme = "light" | "dark";

export interface BrowserOptions {
  /** A WAV file that is heard, again and again, by whoever asks for the microphone. */
  readonly microphone?: string;
  /** More of chromium's flags. */
  readonly flags?: readonly string[];
}

const FLAGS = [
  "--headless",
  "--no-sandbox", // chromium refuses to run as root, as in a container, with its sandbox
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--use-fake-ui-for-media-stream", // the microphone is allowed without a question that nobody answers
  "--use-fake-device-for-media-stream",
];

/** Debian's chromium, or what CHROMIUM_PATH names. Everything it opens is closed with its scope. */
export class TestBrowser implements AsyncDisposable {
  private constructor(readonly browser: Browser) {}

  static async start({ microphone, flags = [] }: BrowserOptions = {}): Promise<TestBrowser> {
    const { CHROMIUM_PATH: executablePath = "/usr/bin/chromium" } = process.env;
    const heard = microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`];
    return new TestBrowser(await chromium.launch({ executablePath, args: [...FLAGS, ...heard, ...flags] }));
  }

  /** A visitor with a memory of their own, logged in. */
  visit(url: string, options: VisitOptions = {}): Promise<Visit> {
    return Visit.begin(this.browser, url, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

export interface VisitOptions {
  readonly screen?: Screen;
  readonly colorScheme?: ColorScheme;
  /** Default: ours. */
  readonly login?: { readonly username: string; readonly password: string };
}

// Not the receiver's zone, so that whoever takes the browser's for it is found out.
const ELSEWHERE = "America/New_York";

/** A page of the receiver, and what the browser complains of while it is open. */
export class Visit implements AsyncDisposable {
  /** Errors, refusals by the content security policy, and requests to others than the receiver. */
  readonly complaints: string[] = [];
  /** Addresses that were asked for, in their order. */
  readonly requests: string[] = [];
  #expected: RegExp[] = [];

  private constructor(
    readonly page: Page,
    readonly url: string,
    private readonly context: BrowserContext,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error")
        this.complaints.push(`console: ${message.text()} ${message.location().url}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.stack ?? error.message}`));
    context.on("request", (request) => this.#note(request.url()));
  }

  static async begin(browser: Browser, url: string, options: VisitOptions): Promise<Visit> {
    const { screen = "desktop", colorScheme = "light", login: httpCredentials = LOGIN } = options;
    const look = { ...SCREENS[screen], colorScheme, timezoneId: ELSEWHERE, locale: "en-GB" };
    const context = await browser.newContext({ ...look, httpCredentials, permissions: ["microphone"] });
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        console.error(`policy: ${violatedDirective} refuses ${blockedURI}`),
      );
    });
    const visit = new Visit(await context.newPage(), url, context);
    visit.page.setDefaultTimeout(15_000);
    return visit;
  }

  /** Opens a place below the web root, as `date/2026-11-17`. */
  async open(place = ""): Promise<this> {
    await this.page.goto(new URL(place, this.url).href);
    return this;
  }

  /** From now on, complaints like this are none. */
  expect(...complaints: RegExp[]): void {
    this.#expected = [...this.#expected, ...complaints];
  }

  /** Complaints that nobody expected. */
  get unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
  }

  #note(address: string): void {
    this.requests.push(address);
    const { protocol, host } = new URL(address);
    const isOurs = host === new URL(this.url).host || ["data:", "blob:", "about:"].includes(protocol);
    if (!isOurs) this.complaints.push(`outside: ${address}`);
  }
}
