import { describe, expect, it } from "vitest";
import { describeApi, ENDPOINTS } from "../src/index.js";

describe("the description", () => {
  it("has every endpoint with its parameters", () => {
    const { paths } = describeApi("1.2.3") as {
      paths: Record<string, Record<string, { parameters: object[] }>>;
    };
    for (const name of Object.keys(ENDPOINTS)) {
      const [method, path] = name.split(" ");
      expect(paths[path][method.toLowerCase()], name).toBeDefined();
    }
    expect(paths["/audio"].get.parameters).toContainEqual(
      expect.objectContaining({ name: "device", in: "query", required: true }),
    );
    expect(paths["/audio"].get.parameters).toContainEqual(
      expect.objectContaining({ name: "format", required: false }),
    );
  });
});
