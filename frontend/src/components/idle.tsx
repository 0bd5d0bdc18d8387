"use client";

import { type ReactNode, useEffect, useState } from "react";

/** Shows the children when the browser has nothing else to do after the page was loaded. */
export function WhenIdle({ children, before }: { children: ReactNode; before?: ReactNode }) {
  const [isIdle, setIdle] = useState(false);
  useEffect(() => {
    const show = () => setIdle(true);
    if (!("requestIdleCallback" in window)) {
      const timer = setTimeout(show, 200); // Safari
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(show, { timeout: 1_000 });
    return () => cancelIdleCallback(handle);
  }, []);
  return isIdle ? children : before;
}
