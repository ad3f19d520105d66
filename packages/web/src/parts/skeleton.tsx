interface SkeletonProps {
  /** What stands there later, of about that length. */
  readonly like: string;
}

/** The place of a text that is not known yet: as wide as that, and no text itself, which nobody could read. */
export function Skeleton({ like }: SkeletonProps) {
  return <span class="skeleton" aria-hidden="true" style={{ inlineSize: `${like.length}ch` }} />;
}
