import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ServerInfo } from "../../server/info.js";
import { inputs } from "./audio/capture.js";
import { refusalOf, streamAddress } from "./obstacles.js";
import { startRecording, trouble } from "./recording.js";

const RATES = [
  { hz: 8_000, name: "8 kHz: speech, 32 kbit/s" },
  { hz: 16_000, name: "16 kHz: most sounds, 64 kbit/s" },
  { hz: 24_000, name: "24 kHz: clearer, 96 kbit/s" },
  { hz: 48_000, name: "48 kHz: all of it, 192 kbit/s" },
];

/** The allow-list of device names. */
const NAME = "[A-Za-z0-9_\\-]{1,64}";
const KEPT_NAME = "microphone-name";

/** What is asked before it begins. */
export function Setup({ ingest }: { readonly ingest: ServerInfo["ingest"] }) {
  const start = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(fields.get(name) ?? "");
    const name = field("name");
    localStorage.setItem(KEPT_NAME, name);
    const url = streamAddress({ hostname: location.hostname, ingest }, name, field("token"));
    void startRecording({ name, url, deviceId: field("input"), sampleRate: Number(field("rate")) });
  };
  return (
    <form class="microphone-form" onSubmit={start}>
      <label class="field">
        <span>Name of this microphone</span>
        <input
          name="name"
          required
          pattern={NAME}
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          defaultValue={localStorage.getItem(KEPT_NAME) ?? "browser"}
          title="Letters, digits, _ and -, up to 64"
        />
        <small class="faint">Letters, digits, _ and -: its recordings stand under it.</small>
      </label>
      <Inputs />
      <label class="field">
        <span>Rate</span>
        <select name="rate" defaultValue="16000">
          {RATES.map(({ hz, name }) => (
            <option key={hz} value={String(hz)} selected={hz === 16_000}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {ingest.needsToken ? <Token /> : null}
      <button type="submit" class="primary microphone-start">
        Start recording
      </button>
    </form>
  );
}

function Token() {
  return (
    <label class="field">
      <span>Token</span>
      <input name="token" type="password" required autocomplete="off" />
      <small class="faint">
        This receiver lets in who has one (audio-receiver token add). It is not kept when the page is closed.
      </small>
    </label>
  );
}

function Inputs() {
  const found = useSignal<readonly MediaDeviceInfo[]>([]);
  useEffect(() => {
    const look = async () => {
      found.value = await inputs();
    };
    void look();
    navigator.mediaDevices.addEventListener("devicechange", look);
    return () => navigator.mediaDevices.removeEventListener("devicechange", look);
  }, []);
  const areNamed = found.value.some(({ label }) => label !== "");
  return (
    <div class="field">
      <label class="field">
        <span>Input</span>
        <select name="input">
          <option value="">The browser's choice</option>
          {found.value
            .filter(({ deviceId }) => deviceId !== "default")
            .map(({ deviceId, label }, i) => (
              <option key={deviceId} value={deviceId}>
                {label === "" ? `Input ${i + 1}` : label}
              </option>
            ))}
        </select>
      </label>
      {areNamed ? null : (
        <button type="button" class="quiet" onClick={() => void nameInputs(found)}>
          Show what inputs there are
        </button>
      )}
    </div>
  );
}

/** Browsers tell the names to who may hear them: the microphone is opened for a moment. */
async function nameInputs(found: { value: readonly MediaDeviceInfo[] }): Promise<void> {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop();
    found.value = await inputs();
  } catch (error) {
    trouble.value = refusalOf(error);
  }
}
