export {
  ACK_BYTES,
  ACK_SUBPROTOCOL,
  type Acknowledgement,
  formatAcknowledgement,
  parseAcknowledgement,
} from "./acknowledgement.js";
export { CLOSE_CODES } from "./close-codes.js";
export { type Endpoint, parseEndpoint, sanitizeHwid } from "./endpoint.js";
export { ProtocolError, type ProtocolErrorCode } from "./errors.js";
export {
  checkFrame,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  formatFrame,
  MAX_MESSAGE_BYTES,
  maxFrameBytes,
  payloadSampleFrames,
  readFrameHeader,
  type StreamFormat,
  writeFrameHeader,
} from "./frame.js";
export { FrameSplitter, type OnFrame } from "./frame-splitter.js";
export {
  type Codec,
  formatHandshake,
  HANDSHAKE_BYTES,
  type Handshake,
  parseHandshake,
  startsHandshake,
} from "./handshake.js";
export { classifySequence, framesLost, nextSequence, type SequenceStep } from "./sequence.js";
