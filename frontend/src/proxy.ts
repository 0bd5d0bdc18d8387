import { type NextRequest, NextResponse } from "next/server";

const DEVELOPMENT = process.env.NODE_ENV === "development";
const API = new URL(process.env.NEXT_PUBLIC_API_URL ?? "http://localhost:8000").origin;

/** Adds a Content-Security-Policy with a nonce for each page: only the app's own scripts run, and
 *  they can send requests only to this app and to the API. */
export function proxy(request: NextRequest) {
  const nonce = crypto.randomUUID();
  const policy = [
    "default-src 'self'",
    // In development, Next.js evaluates code and adds inline styles; a built app does neither.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${DEVELOPMENT ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${DEVELOPMENT ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "worker-src 'self'",
    `connect-src 'self' ${API}`,
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");

  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("Content-Security-Policy", policy); // Next.js reads the nonce from it
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

export const config = {
  matcher: "/((?!api|_next/static|_next/image|icon|apple-icon|manifest.webmanifest|sw.js).*)",
};
