/** What a search of a bucket has found and done. */
export interface BucketSums {
  /** Objects that are there. */
  objects: number;
  bytes: number;
  /** That the catalogue knew already, with this size. */
  known: number;
  /** That each cost a request of its own. */
  asked: number;
  /** That came into the catalogue, and how many segments came with them. */
  added: number;
  addedSegments: number;
  /** Whose file is here: uploading compares the two and then sends nothing. */
  waiting: number;
  /** A second copy of what is known, or another recording of a known name: left alone. */
  doubles: number;
  /** None of ours: left alone. */
  foreign: number;
  /** That are listed, but of which the store says nothing. */
  faults: number;
  /** That the catalogue believed to be there and that are not. Their files, if they are here, are queued for upload. */
  gone: number;
  /** As many were believed to be there, and not one is: this is another bucket, nothing was changed because of it. */
  absent: number;
}
