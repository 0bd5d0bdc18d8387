import assert from "node:assert/strict";
import test from "node:test";
import { deviceOf } from "../src/lib/device.ts";

const AGENTS = {
  "Chrome on Linux":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Edge on Windows":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
  "Safari on iPhone":
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Firefox on macOS":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0",
  "Unknown browser": "curl/8.5.0",
};

for (const [name, userAgent] of Object.entries(AGENTS)) {
  test(`a session of ${name} is named`, () => {
    assert.equal(deviceOf(userAgent).name, name);
  });
}
