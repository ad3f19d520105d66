export { BLOCK_HEADER_BYTES, blockBytes, type CoderState, initialStates, type NibbleOrder } from "./block.js";
export { decodeBlock } from "./decode.js";
export { detectNibbleOrder } from "./detect.js";
export { encodeBlock } from "./encode.js";
