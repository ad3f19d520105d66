import { useSignal } from "@preact/signals";
import { Failure } from "../../parts/failure.js";
import { server } from "../../server/client.js";
import { type Device, loadDevices } from "../../server/devices.js";
import { mayChange } from "../../server/info.js";

/** What people wrote to a device: its label, group and note. Who only listens reads it. */
export function CardForm({ device: { device, label, group, note } }: { readonly device: Device }) {
  const told = useSignal<"" | "saving" | "saved" | Error>("");
  const isReadOnly = !mayChange.value;
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? "").trim();
    told.value = "saving";
    try {
      const body = { label: text("label"), group: text("group"), note: text("note") };
      await server.call("PATCH /devices/{device}", { params: { device }, body });
      told.value = "saved";
      void loadDevices();
    } catch (error) {
      told.value = error as Error;
    }
  };
  return (
    <section aria-labelledby="card">
      <h2 id="card">What it is called</h2>
      <form class="card-form" onSubmit={save} onInput={() => (told.value = "")}>
        <label class="field">
          <span>Label</span>
          <input
            name="label"
            maxLength={80}
            defaultValue={label}
            placeholder={device}
            readOnly={isReadOnly}
          />
        </label>
        <label class="field">
          <span>Group: devices with the same word stand together</span>
          <input name="group" maxLength={80} defaultValue={group} readOnly={isReadOnly} />
        </label>
        <label class="field card-note">
          <span>Note</span>
          <textarea name="note" rows={3} maxLength={2000} defaultValue={note} readOnly={isReadOnly} />
        </label>
        <p class="bar card-note">
          {isReadOnly ? (
            <span class="faint">You are logged in to listen: only an administrator changes this.</span>
          ) : (
            <button type="submit" class="primary" disabled={told.value === "saving"}>
              Save
            </button>
          )}
          <span role="status" class="faint">
            {told.value === "saving" && "Saving…"}
            {told.value === "saved" && "Saved"}
          </span>
        </p>
      </form>
      {told.value instanceof Error && <Failure error={told.value} />}
    </section>
  );
}
