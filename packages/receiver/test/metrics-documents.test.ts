/** docs/metrics.md, the dashboard and the alert rules, against what `/metrics` really has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { handshake, pcmFrames, tones } from "./support/audio.js";
import { parseScrape, type ScrapedFamily } from "./support/scrape.js";
import { play } from "./support/stream-client.js";
import { ended } from "./support/tcp-client.js";
import { TestReceiver } from "./support/test-receiver.js";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

let families: Map<string, ScrapedFamily>;

beforeAll(async () => {
  await using server = await TestReceiver.start();
  await play(server.ws("/kitchen"), [handshake(), ...pcmFrames(tones(16_000), { frameSamples: 320 })]);
  await ended(server);
  families = parseScrape(await (await server.look("/metrics")).text());
});

interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
}

function documented(): Map<string, Documented> {
  const rows = read("docs/metrics.md").matchAll(/^\| `([\w:]+)` +\| (\w+) +\| (.*?) +\| \S.*\|$/gm);
  const found = Array.from(rows, ([, name, type, labels]): [string, Documented] => [
    name,
    { type, labels: Array.from(labels.matchAll(/`(\w+)`/g), ([, label]) => label) },
  ]);
  expect(new Set(found.map(([name]) => name)).size).toBe(found.length);
  return new Map(found);
}

describe("docs/metrics.md", () => {
  it("has every family, and none that is not there", () => {
    expect([...documented().keys()].sort()).toEqual([...families.keys()].sort());
  });

  it("tells its type and its labels", () => {
    const page = documented();
    for (const { name, type, samples } of families.values()) {
      expect([name, page.get(name)!.type]).toEqual([name, type]);
      const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
      labels.delete("le");
      if (samples.length > 0)
        expect([name, [...labels].sort()]).toEqual([name, [...page.get(name)!.labels].sort()]);
    }
  });
});

/** Names in a PromQL expression that are no functions, keywords, labels or strings. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|on|without|ignoring) *\([^)]*\)/g, "");
  const names = bare.matchAll(/(?<![\w$.])([a-zA-Z_]\w*)(?! *\()(?!\w)/g);
  return Array.from(names, ([, name]) => name).filter((name) => !/^(and|or|unless|bool|offset)$/.test(name));
}

function expectMetrics(expression: string): void {
  const names = metricsIn(expression);
  expect([expression, names.length > 0]).toEqual([expression, true]);
  const unknown = names.filter(
    (name) =>
      name !== "up" &&
      !families.has(name) &&
      families.get(name.replace(/_bucket$/, ""))?.type !== "histogram",
  );
  expect([expression, unknown]).toEqual([expression, []]);
  for (const [open, close] of ["()", "{}", "[]"])
    expect([expression, expression.split(open).length]).toEqual([expression, expression.split(close).length]);
}

describe("examples/prometheus", () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly for?: string;
    readonly labels: { readonly severity: string };
    readonly annotations: { readonly summary: string; readonly description: string };
  }
  const { groups } = parseYaml(read("examples/prometheus/alerts.yml")) as {
    groups: { name: string; rules: Rule[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);

  it.each(rules)("$alert is made of metrics that exist, and says what to do", (rule) => {
    expectMetrics(rule.expr);
    expect(rule.labels.severity).toMatch(/^(info|warning|critical)$/);
    if (rule.for !== undefined) expect(rule.for).toMatch(/^\d+[smh]$/);
    expect(rule.annotations.description).toMatch(/\w/);
    const labels = [...metricsIn(rule.expr)].flatMap(
      (name) => documented().get(name.replace(/_bucket$/, ""))?.labels ?? [],
    );
    for (const [, label] of rule.annotations.summary.matchAll(/\$labels\.(\w+)/g))
      expect(["instance", "job", ...labels]).toContain(label);
  });

  it("has each alert once, and is what the configuration scrapes with", () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    const config = parseYaml(read("examples/prometheus/prometheus.yml")) as {
      rule_files: string[];
      scrape_configs: { job_name: string; authorization: { type: string } }[];
    };
    expect(config.rule_files).toEqual(["alerts.yml"]);
    expect(config.scrape_configs).toMatchObject([
      { job_name: "audio-receiver", authorization: { type: "Bearer" } },
    ]);
  });
});

describe("examples/grafana/dashboard.json", () => {
  interface Panel {
    readonly id: number;
    readonly type: string;
    readonly title: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets?: readonly {
      readonly expr: string;
      readonly refId: string;
      readonly legendFormat: string;
    }[];
  }
  const dashboard = JSON.parse(read("examples/grafana/dashboard.json")) as {
    schemaVersion: number;
    title: string;
    panels: Panel[];
    templating: { list: { name: string; type: string; query: string | { query: string } }[] };
  };
  const variables = dashboard.templating.list.map(({ name }) => name);

  it("asks for metrics that exist, with variables that it has", () => {
    for (const { targets = [] } of dashboard.panels) {
      for (const { expr, legendFormat } of targets) {
        expectMetrics(expr.replaceAll(/"?\$\w+"?/g, '""'));
        for (const [, name] of expr.matchAll(/\$(\w+)/g))
          expect(["__rate_interval", ...variables]).toContain(name);
        const labels = metricsIn(expr).flatMap((name) => documented().get(name)?.labels ?? []);
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labels).toContain(label);
      }
    }
    for (const { type, query } of dashboard.templating.list.slice(1))
      expect([
        type,
        families.has(/label_values\((\w+)/.exec((query as { query: string }).query)![1]),
      ]).toEqual(["query", true]);
  });

  it("has panels that do not overlap, each with an id and a title", () => {
    const { panels } = dashboard;
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      expect([title, x + w <= 24, title.length > 0]).toEqual([title, true, true]);
      return Array.from({ length: w * h }, (_, i) => `${x + (i % w)}/${y + Math.floor(i / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ type, targets }) => type !== "row" && !targets?.length)).toEqual([]);
  });
});
