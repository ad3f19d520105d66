import fc from "fast-check";
import { expect, it } from "vitest";
import { openCatalogue } from "../src/index.js";
import { temporaryFolder } from "./support/temporary.js";

const newFolder = temporaryFolder();
const FORMAT = {
  source: undefined,
  device: "mic",
  streamId: 1,
  sampleRate: 1000,
  channels: 1,
  bitsPerSample: 16,
};

// Names around "/" in the order of characters: "-" and "." come before it, "0" behind.
const name = fc.stringMatching(/^[a/0.-]{1,6}$/).filter((stem) => !/^\/|\/$|\/\//.test(stem));
const segments = fc.array(fc.record({ stem: name, local: fc.boolean() }), { maxLength: 25 });
const bound = fc.option(name, { nil: undefined });

it("the catalogue finds the files of a folder among those of all others", () => {
  fc.assert(
    fc.property(segments, fc.constantFrom("", "a", "a/a", "0"), bound, bound, (all, folder, low, high) => {
      const catalogue = openCatalogue(newFolder());
      const stems = new Map(all.map(({ stem, local }) => [stem, local]));
      for (const [stem, local] of stems) {
        const facts = { ...FORMAT, stem, startUs: 0, samples: 1, gaps: [], levels: undefined };
        const id = catalogue.segments.put(facts, [{ form: "wav", bytes: 1 }]);
        catalogue.segments.setRemote(id, "wav", 1, { bucket: "b", key: stem, verifiedUs: 1 });
        if (!local) catalogue.segments.removeLocal(id, "wav");
      }
      const prefix = folder === "" ? "" : `${folder}/`;
      const below = [...stems.keys()].filter((stem) => stem.startsWith(prefix)).sort();
      const names = below.map((stem) => stem.slice(prefix.length));
      const folders = names.filter((rest) => rest.includes("/")).map((rest) => rest.split("/")[0]);
      expect(catalogue.files.foldersIn(folder).sort()).toEqual([...new Set(folders)].sort());
      const [after, upTo] = [low, high].map((text) => text && `${prefix}${text.replaceAll("/", "a")}`);
      const direct = below.filter((stem) => !stem.slice(prefix.length).includes("/") && stems.get(stem));
      const inRange = direct.filter(
        (stem) => (after === undefined || stem > after) && (upTo === undefined || stem <= upTo),
      );
      expect([...catalogue.files.localStems(folder, after, upTo)]).toEqual(inRange);
      const local = catalogue.files.localBelow(folder).map(({ stem }) => stem);
      expect(local).toEqual(below.filter((stem) => stems.get(stem)));
      catalogue.close();
    }),
    { numRuns: 60 },
  );
});
