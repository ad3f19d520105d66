/** A package's `exports`, or what a part of them leads to. */
export type Exported = string | { readonly [condition: string]: Exported };

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, Exported>>;
  readonly bin?: Readonly<Record<string, string>>;
}

export interface PublishedPackage {
  /** Relative to the checkout. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every package of the checkout at `root`. */
export function publishedPackages(root: string): PublishedPackage[];

/** The files that a package's `exports` name, whatever the condition. */
export function exportedFiles(exported: Exported | Readonly<Record<string, Exported>> | undefined): string[];

/** Packs every package into the folder `destination`, which must be there; the paths of the tarballs. */
export function packPackages(root: string, destination: string): string[];
