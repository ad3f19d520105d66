/** Day. */
export function Page() {
  return <h1>Day</h1>;
}
