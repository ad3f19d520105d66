import type { UploadedForm } from "@audio/keeper";
import type { UploadError } from "@audio/upload";
import { shownDuration } from "../shown-time.js";
import type { WaitingForm } from "../upload-backlog.js";
import { bytesInWords, count } from "./in-words.js";
import { ProgressLine } from "./progress-line.js";

export interface UploadFlags {
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Says what is uploaded, how far that is, and what came of it. */
export class UploadReport {
  readonly #flags: UploadFlags;
  readonly #bucket: string;
  readonly #line = new ProgressLine();
  readonly #startMs = performance.now();
  readonly #underWay = new Map<WaitingForm, number>();
  #files = 0;
  #bytes = 0;
  #done = 0;
  #doneBytes = 0;
  #sentBytes = 0;
  #there = 0;
  #failures = 0;

  constructor(flags: UploadFlags, bucket: string) {
    this.#flags = flags;
    this.#bucket = bucket;
  }

  found({ form }: WaitingForm): void {
    this.#files++;
    this.#bytes += form.bytes;
  }

  would({ segment, form }: WaitingForm, key: string): void {
    const path = `${segment.stem}.${form.form}`;
    this.#say({ path, bytes: form.bytes, key }, `${path} → ${key} (${bytesInWords(form.bytes)})`);
  }

  progress(waiting: WaitingForm, bytes: number): void {
    this.#underWay.set(waiting, bytes);
    this.#show();
  }

  uploaded(waiting: WaitingForm, { path, bytes, key, sent }: UploadedForm): void {
    this.#done++;
    this.#doneBytes += bytes;
    this.#underWay.delete(waiting);
    if (sent) this.#sentBytes += bytes;
    else this.#there++;
    const note = sent ? bytesInWords(bytes) : "was there already";
    this.#say({ path, bytes, key, sent }, `${path} → ${key} (${note})`);
    this.#show();
  }

  failed(waiting: WaitingForm, error: UploadError): void {
    const { segment, form } = waiting;
    this.#failures++;
    this.#underWay.delete(waiting);
    process.exitCode = 1;
    const path = `${segment.stem}.${form.form}`;
    const { code, message } = error;
    if (this.#flags.json) this.#say({ path, error: code, reason: message }, "");
    else this.#complain(`audio-receiver: ${path}: ${message}\n`);
  }

  end(): void {
    this.#line.clear();
    const seconds = Math.round(performance.now() - this.#startMs) / 1000;
    const totals = this.#flags.dryRun
      ? { files: this.#files, bytes: this.#bytes }
      : {
          files: this.#files,
          uploaded: this.#done - this.#there,
          bytes: this.#sentBytes,
          thereAlready: this.#there,
          failed: this.#failures,
          seconds,
        };
    process.stdout.write(
      this.#flags.json
        ? `${JSON.stringify({ totals: { bucket: this.#bucket, ...totals } })}\n`
        : this.#summary(seconds),
    );
  }

  #summary(seconds: number): string {
    if (this.#files === 0) return `nothing to upload: it is all in ${this.#bucket}\n`;
    if (this.#flags.dryRun)
      return `\n${count(this.#files, "file")}, ${bytesInWords(this.#bytes)}, would go to ${this.#bucket}\n`;
    const sent = this.#done - this.#there;
    const rate = seconds > 0 ? `, ${bytesInWords(Math.round(this.#sentBytes / seconds))}/s` : "";
    const notes = [
      `${count(sent, "file")}, ${bytesInWords(this.#sentBytes)} uploaded to ${this.#bucket} in ${shownDuration(seconds * 1e6)}${rate}`,
      this.#there > 0 ? `${this.#there} there already` : "",
      this.#failures > 0 ? `${this.#failures} failed` : "",
    ];
    return `\n${notes.filter((note) => note !== "").join("; ")}\n`;
  }

  #say(fields: object, text: string): void {
    this.#line.clear();
    process.stdout.write(this.#flags.json ? `${JSON.stringify(fields)}\n` : `${text}\n`);
  }

  #complain(text: string): void {
    this.#line.clear();
    process.stderr.write(text);
  }

  #show(): void {
    const under = [...this.#underWay.values()].reduce((sum, bytes) => sum + bytes, this.#doneBytes);
    const share = this.#bytes === 0 ? 100 : Math.min(100, Math.floor((100 * under) / this.#bytes));
    this.#line.show(
      `${share} %, ${this.#done} of ${count(this.#files, "file")}, ${bytesInWords(under)} of ${bytesInWords(this.#bytes)}`,
    );
  }
}
