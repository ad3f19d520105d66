/** Now. */
export function Page() {
  return <h1>Now</h1>;
}
