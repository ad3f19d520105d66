// Microphone → audio thread → frames.

/** What is sent where the browser can convert to it: all of speech, a third of the bytes of 48 kHz. */
const SAMPLE_RATE = 16_000;
// What makes calls pleasant takes away what a recorder is for.
const PLAIN = { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 };

/**
 * Opens the microphone; the browser asks the user.
 * @param onFrame told of each frame of 20 ms, a whole message for the receiver, and its peak, 0 … 1
 * @param onLost told when it was unplugged, or its permission taken away
 * @throws DOMException `NotAllowedError`, `NotFoundError`, `NotReadableError`
 */
export async function openMicrophone(onFrame, onLost) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: PLAIN });
  const [track] = stream.getAudioTracks();
  const { context, source } = connect(stream);
  const release = () => {
    track.stop();
    return context.close();
  };
  try {
    await context.audioWorklet.addModule(new URL("encoder-worklet.js", import.meta.url));
    const encoder = new AudioWorkletNode(context, "encoder");
    const ended = new Promise((resolve) => {
      encoder.port.onmessage = ({ data }) => (data === "end" ? resolve() : onFrame(data));
    });
    // Its output is silence; not every browser runs a node that leads nowhere.
    source.connect(encoder).connect(context.destination);
    await context.resume();
    track.onended = onLost;
    return {
      sampleRate: context.sampleRate,
      /** Resolves when the last frame was told of. */
      async stop() {
        track.onended = null;
        encoder.port.postMessage("end");
        await ended;
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function connect(stream) {
  const wanted = new AudioContext({ sampleRate: SAMPLE_RATE });
  try {
    return { context: wanted, source: wanted.createMediaStreamSource(stream) };
  } catch (error) {
    // Firefox converts no microphone's rate (its bug 1674892): it sends what the microphone gives.
    if (error.name !== "NotSupportedError") throw error;
    wanted.close();
    const context = new AudioContext();
    return { context, source: context.createMediaStreamSource(stream) };
  }
}
