export {
  ACK_BYTES,
  ACK_SUBPROTOCOL,
  type Acknowledgement,
  formatAcknowledgement,
  parseAcknowledgement,
} from "./acknowledgement.js";
export { CLOSE_CODES } from "./close-codes.js";
export {
  checkDatagram,
  DATAGRAM_HEADER_BYTES,
  type DatagramHeader,
  datagramSamples,
  datagramSequence,
  datagramTimestampMs,
  endsStream,
  formatDatagram,
  isDatagram,
  MAX_DATAGRAM_SAMPLES,
  readDatagramHeader,
  startsStream,
} from "./datagram.js";
export {
  DATAGRAM_WINDOW,
  DATAGRAM_WINDOW_MS,
  type DatagramFate,
  DatagramWindow,
  type OnDatagram,
} from "./datagram-window.js";
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
