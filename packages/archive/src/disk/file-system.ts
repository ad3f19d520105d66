import * as nodeFs from "node:fs";

/** The calls that recording makes: Node's own, unless a test brings a disk that fails or stalls. */
export type FileSystem = Pick<
  typeof nodeFs,
  | "open"
  | "read"
  | "fstat"
  | "write"
  | "writev"
  | "ftruncate"
  | "fsync"
  | "close"
  | "rename"
  | "mkdir"
  | "access"
  | "unlink"
  | "statfs"
>;

/** The file system of the machine. */
export const systemFs: FileSystem = nodeFs;
