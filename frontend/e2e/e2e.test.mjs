// The app, its Better Auth, the API and PostgreSQL, as people meet them: in a browser.
import { after, before } from "node:test";
import { closeBrowser, openBrowser } from "./scenario.mjs";
import { startServices, stopServices } from "./services.mjs";

before(startServices);
before(openBrowser);
after(closeBrowser);
after(stopServices);

const SUBJECTS = [
  "isolation",
  "expiry",
  "rotation",
  "outage",
  "forged",
  "two-tabs",
  "offline",
  "keyboard",
  "looks",
];
for (const subject of SUBJECTS) await import(`./${subject}.mjs`);
