import {
  type Catalogue,
  type FileFault,
  openCatalogue,
  type ReconcileOptions,
  reconcile,
} from "../../src/index.js";
import { ourWav, putFile, VIENNA } from "./scene-of-files.js";

const LATER = { nowNs: () => BigInt(Date.now() + 3_600_000) * 1_000_000n };

/** A data directory with its catalogue, closed with its scope. */
export class CataloguedFolder {
  readonly folder: string;
  readonly catalogue: Catalogue;
  readonly faults: FileFault[] = [];
  readonly added: number[] = [];

  constructor(folder: string) {
    this.folder = folder;
    this.catalogue = openCatalogue(folder);
  }

  [Symbol.dispose](): void {
    this.catalogue.close();
  }

  put(path: string, content: Uint8Array | string = ourWav({ device: "mic" })): void {
    putFile(this.folder, path, content);
  }

  /** Sums that are not 0. */
  async reconcile(options: Partial<ReconcileOptions> = {}): Promise<Record<string, number>> {
    const onFault = (fault: FileFault) => this.faults.push(fault);
    const onAdded = (id: number) => this.added.push(id);
    const all = { ...VIENNA, ...LATER, onFault, onAdded, ...options };
    const { bytes, ...sums } = await reconcile(this.catalogue, this.folder, all);
    return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum > 0));
  }

  /** `stem: form form`, those that are local. */
  get local(): string[] {
    const local = (forms: ReturnType<Catalogue["segments"]["list"]>[number]["forms"]) =>
      forms.filter((form) => form.local).map(({ form }) => form);
    const all = [...this.catalogue.segments.each()];
    return all.map(({ stem, forms }) => `${stem}: ${local(forms).sort().join(" ")}`).sort();
  }

  idOf(stem: string): number {
    return this.catalogue.segments.byStem(stem)?.id as number;
  }
}
