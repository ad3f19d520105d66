import packageJson from "../package.json" with { type: "json" };

/** Version of this package. */
export const VERSION: string = packageJson.version;

/** What recordings name as their maker. */
export const SOFTWARE = `audio-receiver ${VERSION}`;
