import { useEffect, useState } from "preact/hooks";

const SETTLED_MS = 300;

/** A value once it has come to rest: while it is drawn with the pointer, nobody is asked. */
export function useSettled<Value>(value: Value): Value {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(() => value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
