/** Why a value is no integer of its range, if so. */
export function rangeProblem(name: string, value: number, min: number, max: number): string | undefined {
  if (Number.isInteger(value) && value >= min && value <= max) return undefined;
  return `${name} is ${value}, allowed is ${min} … ${max}`;
}
