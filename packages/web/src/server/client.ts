import { createClient } from "@audio/api/client";

/** The receiver that these pages come from. */
export const server = createClient(document.baseURI);
