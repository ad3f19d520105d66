/** Devices. */
export function Page() {
  return <h1>Devices</h1>;
}
