const BROWSERS = [
  [/Edg/, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox|FxiOS/, "Firefox"],
  [/Chrome|CriOS/, "Chrome"],
  [/Safari/, "Safari"],
] as const;
const SYSTEMS = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Macintosh/, "macOS"],
  [/Linux/, "Linux"],
] as const;

/** Returns the browser and the system of a User-Agent header, such as "Firefox on Windows". */
export function deviceOf(userAgent: string): { name: string; isPhone: boolean } {
  const [browser, system] = [BROWSERS, SYSTEMS].map(
    (known) => known.find(([pattern]) => pattern.test(userAgent))?.[1],
  );
  const name = [browser ?? "Unknown browser", system].filter(Boolean).join(" on ");
  return { name, isPhone: /iPhone|iPad|Android/.test(userAgent) };
}
