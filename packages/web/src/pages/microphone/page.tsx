/** Microphone. */
export function Page() {
  return <h1>Microphone</h1>;
}
