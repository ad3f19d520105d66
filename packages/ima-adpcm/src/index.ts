export { BLOCK_HEADER_BYTES, blockBytes } from "./block.js";
export { decodeBlock } from "./decode.js";
export { detectNibbleOrder } from "./detect.js";
export { encodeBlock } from "./encode.js";
export { type CoderState, initialStates } from "./state.js";
export type { NibbleOrder } from "./tables.js";
