export type { BytesAnswer, Endpoint, Method } from "./endpoint.js";
export { ENDPOINTS, type Endpoints } from "./endpoints.js";
export { type DeviceLevels, formatLevels, type LevelsMessage, parseLevels } from "./levels-message.js";
export type { LiveFormat } from "./live-format.js";
export { API_ROOT, describeApi } from "./openapi.js";
export { Failure, NAMELESS } from "./schemas/common.js";
export type { Connection, Device, DeviceCard } from "./schemas/devices.js";
export type { Finding, Loss, Note, Pin } from "./schemas/marks.js";
export {
  type DeviceNow,
  type DiskNow,
  type LevelRow,
  type LiveStream,
  type Now,
  type QueueNow,
  ServerEvents,
} from "./schemas/now.js";
export type { ServerInfo, User } from "./schemas/server.js";
export type {
  AudioPlan,
  Day,
  DeviceDays,
  DeviceTimeline,
  Gap,
  Segment,
  SegmentForm,
  SegmentPage,
  Sound,
  Timeline,
} from "./schemas/timeline.js";
