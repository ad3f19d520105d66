/** What the configuration of a receiver needs to know of uploads, without loading what makes them. */
export { UploadError } from "./errors.js";
export { DEFAULT_KEYS, type KeyTemplate, keyTemplateFault } from "./key-template.js";
export { resolveUpload } from "./resolve.js";
export type { StoreCredentials, StoreSettings, UploadSettings } from "./store-settings.js";
export type { UploadValues } from "./values.js";
