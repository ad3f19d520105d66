/** Calendar. */
export function Page() {
  return <h1>Calendar</h1>;
}
