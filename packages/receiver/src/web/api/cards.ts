import type { DeviceCard } from "@audio/api";
import type { Card, Marks } from "@audio/archive";
import { answered } from "./marks.js";

const EMPTY: DeviceCard = { label: "", group: "", note: "" };

/**
 * What people wrote to devices, by name; to the others nothing.
 * @throws WebFailure 409: the file cannot be used
 */
export async function deviceCards(cards: Marks<Card>): Promise<(device: string) => DeviceCard> {
  const known = new Map((await answered(cards.list())).map(({ device, ...card }) => [device, card]));
  return (device) => known.get(device) ?? EMPTY;
}

/**
 * Writes to a device; what is not given stays.
 * @throws WebFailure 409: the file cannot be used, or is full
 */
export async function writeCard(
  cards: Marks<Card>,
  device: string,
  change: Partial<DeviceCard>,
): Promise<void> {
  await answered(
    cards.change((before) => {
      const known = before.find((card) => card.device === device);
      const card = { ...EMPTY, ...known, ...change, device };
      const others = before.filter((other) => other !== known);
      const isEmpty = card.label === "" && card.group === "" && card.note === "";
      return isEmpty ? others : [...others, card];
    }),
  );
}
