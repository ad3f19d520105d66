interface SkeletonProps {
  /** What stands there later, of about that length. */
  readonly like: string;
}

/** The place of a text that is not known yet. */
export function Skeleton({ like }: SkeletonProps) {
  return (
    <span class="skeleton" aria-hidden="true">
      {like}
    </span>
  );
}
