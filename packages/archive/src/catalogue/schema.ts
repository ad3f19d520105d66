// A segment's row says how many local forms it has and how many audio forms are stored remotely, verified, and `usage` sums
// sizes per device: kept by triggers, so that no question has to read a million rows to answer.

const FIRST = `
CREATE TABLE devices (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE, -- empty: senders without a name
  longest_us INTEGER NOT NULL DEFAULT 0 -- no segment is longer: bounds the search for what reaches into a range
);
CREATE TABLE segments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  stem TEXT NOT NULL UNIQUE,
  device_id INTEGER NOT NULL REFERENCES devices(id),
  source TEXT,
  stream_id INTEGER NOT NULL,
  sample_rate INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  bits_per_sample INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  gaps TEXT, -- JSON; null: none
  peak_dbfs REAL,
  rms_dbfs REAL,
  clipped_samples INTEGER,
  flat_seconds INTEGER,
  local_forms INTEGER NOT NULL DEFAULT 0,
  remote_audio INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX segments_by_device ON segments(device_id, start_us);
CREATE INDEX segments_by_start ON segments(start_us);
CREATE INDEX local_segments ON segments(device_id, (remote_audio > 0), start_us) WHERE local_forms > 0;
CREATE TABLE tracks (
  segment_id INTEGER PRIMARY KEY REFERENCES segments(id) ON DELETE CASCADE,
  track BLOB NOT NULL
);
CREATE TABLE forms (
  segment_id INTEGER NOT NULL REFERENCES segments(id) ON DELETE CASCADE,
  form TEXT NOT NULL,
  device_id INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  local INTEGER NOT NULL,
  bucket TEXT,
  key TEXT,
  verified_us INTEGER, -- null: found in the store, and never compared with a file
  PRIMARY KEY (segment_id, form)
) WITHOUT ROWID;
CREATE INDEX forms_by_key ON forms(bucket, key) WHERE bucket IS NOT NULL;
CREATE TABLE usage (
  device_id INTEGER NOT NULL,
  form TEXT NOT NULL,
  local_files INTEGER NOT NULL DEFAULT 0,
  local_bytes INTEGER NOT NULL DEFAULT 0,
  remote_files INTEGER NOT NULL DEFAULT 0,
  remote_bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (device_id, form)
) WITHOUT ROWID;
CREATE TRIGGER form_added AFTER INSERT ON forms BEGIN ${counted("new", 1)} END;
CREATE TRIGGER form_removed AFTER DELETE ON forms BEGIN ${counted("old", -1)} END;
CREATE TRIGGER form_changed AFTER UPDATE ON forms BEGIN ${counted("old", -1)} ${counted("new", 1)} END;
CREATE TABLE gaps (
  device_id INTEGER NOT NULL REFERENCES devices(id),
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  length_us INTEGER NOT NULL,
  gaps INTEGER NOT NULL,
  samples INTEGER,
  sample_rate INTEGER,
  cause TEXT NOT NULL,
  filled INTEGER NOT NULL,
  source TEXT,
  stream_id INTEGER -- null: gaps of several streams
);
CREATE UNIQUE INDEX gaps_once ON gaps(device_id, start_us, end_us, cause, IFNULL(stream_id, -1));
CREATE INDEX gaps_by_start ON gaps(start_us);
CREATE TABLE sounds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  device_id INTEGER NOT NULL REFERENCES devices(id),
  stream_id INTEGER NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  peak_dbfs REAL NOT NULL,
  background_dbfs REAL NOT NULL,
  score REAL NOT NULL,
  UNIQUE (device_id, stream_id, start_us)
);
CREATE INDEX sounds_by_start ON sounds(start_us);
CREATE TABLE detectors (
  device_id INTEGER NOT NULL REFERENCES devices(id),
  stream_id INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (device_id, stream_id)
) WITHOUT ROWID;
CREATE TABLE folders (path TEXT PRIMARY KEY, mtime_ns TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ledger_files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE marks (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  step TEXT NOT NULL,
  segment_id INTEGER REFERENCES segments(id) ON DELETE CASCADE,
  payload TEXT,
  is_last INTEGER NOT NULL DEFAULT 0, -- the segment goes to no further step behind this one
  created_ms INTEGER NOT NULL,
  due_ms INTEGER, -- null: given up
  attempts INTEGER NOT NULL DEFAULT 0,
  error TEXT
);
CREATE UNIQUE INDEX jobs_once ON jobs(step, segment_id) WHERE segment_id IS NOT NULL;
CREATE INDEX jobs_due ON jobs(step, due_ms);
CREATE INDEX jobs_of_segment ON jobs(segment_id);
`;

/** The last part of a stem: what stands behind the folders. An index is used only by the very same words. */
export const NAME = "substr(stem, length(rtrim(stem, replace(stem, '/', ''))) + 1)";

const NAMES = `CREATE INDEX segments_by_name ON segments(${NAME}, start_us);`;

const CONNECTIONS = `
CREATE TABLE connections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run TEXT NOT NULL, -- names a run of the receiver, and the key a connection within it
  key INTEGER NOT NULL,
  device_id INTEGER NOT NULL REFERENCES devices(id),
  stream_id INTEGER NOT NULL,
  source TEXT NOT NULL,
  codec TEXT NOT NULL,
  peer TEXT NOT NULL,
  opened_us INTEGER NOT NULL,
  closed_us INTEGER, -- null: it is connected, or nobody saw its end
  cause TEXT, -- null: it is connected
  detail TEXT NOT NULL DEFAULT '',
  samples INTEGER,
  lost_frames INTEGER
);
CREATE INDEX connections_by_device ON connections(device_id, opened_us);
CREATE UNIQUE INDEX open_connections ON connections(run, key) WHERE closed_us IS NULL AND cause IS NULL;
`;

function counted(row: "new" | "old", sign: 1 | -1): string {
  const isRemote = `(${row}.bucket IS NOT NULL)`;
  return `
  INSERT INTO usage(device_id, form) VALUES (${row}.device_id, ${row}.form) ON CONFLICT DO NOTHING;
  UPDATE usage SET
    local_files = local_files + ${sign} * ${row}.local,
    local_bytes = local_bytes + ${sign} * ${row}.local * ${row}.bytes,
    remote_files = remote_files + ${sign} * ${isRemote},
    remote_bytes = remote_bytes + ${sign} * ${isRemote} * ${row}.bytes
    WHERE device_id = ${row}.device_id AND form = ${row}.form;
  UPDATE segments SET
    local_forms = local_forms + ${sign} * ${row}.local,
    remote_audio = remote_audio + ${sign} * (${isRemote} AND ${row}.verified_us IS NOT NULL AND ${row}.form <> 'bin')
    WHERE id = ${row}.segment_id;`;
}

// A page shows the sounds of one device in a day: not to be looked for among those of a thousand others.
const SOUNDS = `
CREATE INDEX sounds_by_device ON sounds(device_id, start_us);
`;

/** Step n brings a database of version n to version n + 1 (`PRAGMA user_version`). Never change one that was released. */
export const MIGRATIONS: readonly string[] = [FIRST, NAMES, SOUNDS, CONNECTIONS];
