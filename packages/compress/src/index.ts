export type { CompressedSegment, CompressOptions, JobTimeout } from "./compress-options.js";
export { compressSegment } from "./compress-segment.js";
export { type CompressedFormat, type DecodeOptions, decodeAudio } from "./decode.js";
export type { EncoderSettings } from "./encode.js";
export { CompressError, type CompressErrorCode } from "./errors.js";
export { type FindFfmpegOptions, findFfmpeg } from "./ffmpeg.js";
export { removeStalePart } from "./part-file.js";
export { CompressionPool, type CompressionPoolOptions, type CompressionTotals } from "./pool.js";
export { type AudioTags, readTags } from "./tags/read-tags.js";
