import { Connections } from "./connections.js";
import { type OpenOptions, openDatabase } from "./database.js";
import { Devices } from "./devices.js";
import { Gaps } from "./gaps.js";
import { Jobs } from "./jobs.js";
import { KnownFiles } from "./known-files.js";
import { KnownObjects } from "./known-objects.js";
import { LocalSegments } from "./local-segments.js";
import { Notes } from "./notes.js";
import { Overview } from "./overview.js";
import { Queries } from "./queries.js";
import { Segments } from "./segments.js";
import { Sounds } from "./sounds.js";
import { Statistics } from "./statistics.js";

/**
 * What there is in a data directory, to be searched without reading it: `<dataDir>/catalogue.db`, SQLite. The files
 * are the truth; the catalogue can be built from them at any time. Calls are synchronous and take microseconds to
 * milliseconds; several programs may use it at once.
 */
export class Catalogue {
  readonly devices: Devices;
  readonly segments: Segments;
  /** Those that have files here: what takes room on the disk. */
  readonly local: LocalSegments;
  readonly gaps: Gaps;
  readonly sounds: Sounds;
  readonly connections: Connections;
  readonly jobs: Jobs;
  readonly notes: Notes;
  readonly files: KnownFiles;
  readonly objects: KnownObjects;
  readonly statistics: Statistics;
  readonly overview: Overview;
  readonly #queries: Queries;

  /** See `openCatalogue`. */
  constructor(queries: Queries) {
    this.#queries = queries;
    this.devices = new Devices(queries);
    this.segments = new Segments(queries, this.devices);
    this.local = new LocalSegments(queries);
    this.gaps = new Gaps(queries, this.devices);
    this.sounds = new Sounds(queries, this.devices);
    this.connections = new Connections(queries, this.devices);
    this.jobs = new Jobs(queries);
    this.notes = new Notes(queries);
    this.files = new KnownFiles(queries);
    this.objects = new KnownObjects(queries);
    this.statistics = new Statistics(queries, this.devices);
    this.overview = new Overview(queries, this.devices);
  }

  /** All or nothing, and many times faster than one by one. Not to be nested. */
  transaction<T>(work: () => T): T {
    return this.#queries.transaction(work);
  }

  /** Closes the database; nothing may be asked afterwards. */
  close(): void {
    this.#queries.close();
  }
}

/**
 * Opens the catalogue of a data directory, creating it as needed.
 * @throws ArchiveError `catalogue-missing` (read only), `catalogue-broken`, `catalogue-newer`, `catalogue-unusable`
 */
export function openCatalogue(dataDir: string, options: OpenOptions = {}): Catalogue {
  return new Catalogue(new Queries(openDatabase(dataDir, options), options.readOnly));
}
