// What is missing, in words for whoever stands before the page.

/** Why this page cannot send to that address; undefined when it can. */
export function obstacle(receiver) {
  if (!isSecureContext)
    return "Browsers give the microphone to pages over https only, or to those from localhost. This one came over http.";
  if (navigator.mediaDevices === undefined || typeof AudioWorkletNode === "undefined")
    return "This browser has no way to a microphone.";
  if (!URL.canParse(receiver) || !["ws:", "wss:"].includes(new URL(receiver).protocol))
    return "The receiver's address begins with wss:// or ws://, as ws://localhost:5096.";
  const { protocol, hostname } = new URL(receiver);
  if (location.protocol === "https:" && protocol === "ws:" && !isLocal(hostname))
    return "A page over https connects to wss:// only: give the receiver a certificate (tlsCert, tlsKey).";
  return undefined;
}

function isLocal(hostname) {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}

/** What it means that the microphone could not be opened. */
export function refusal({ name, message }) {
  if (name === "NotAllowedError") return "The microphone was not allowed: press the sign beside the address.";
  if (name === "NotFoundError") return "There is no microphone.";
  if (name === "NotReadableError") return "Another program has the microphone.";
  return `The microphone cannot be opened: ${message}`;
}
