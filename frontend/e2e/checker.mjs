// Checks a page with axe, in light and dark, wide and narrow, and keeps screenshots.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import axe from "axe-core";

const SCREENSHOTS = fileURLToPath(new URL("screenshots/", import.meta.url));
export const WIDTHS = { wide: 1280, narrow: 390 };

/** Returns a function that checks the page, and collects what axe finds in `violations`. */
export function checker({ page }) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const violations = [];
  let isStopped = false; // the clock
  const check = async (state, { fullPage = false, widths = WIDTHS } = {}) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const [size, width] of Object.entries(widths)) {
        const name = [state, colorScheme, size].filter(Boolean).join("-");
        await page.setViewportSize({ width, height: 800 });
        if (fullPage) await page.evaluate(() => window.scrollTo(0, 0)); // the header stays on top
        const path = `${SCREENSHOTS}${name}.png`;
        await page.screenshot({ path, fullPage, animations: "disabled" });
        const found = await examine(page, isStopped);
        violations.push(...found.map((violation) => `${name}: ${violation}`));
      }
    }
    await page.setViewportSize({ width: WIDTHS.wide, height: 800 });
  };
  /** Checks the page with its clock stopped, so that messages do not disappear. */
  const withMessages = async (state) => {
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 500));
    isStopped = true;
    await check(state);
    isStopped = false;
    await page.clock.resume();
  };
  return Object.assign(check, { violations, withMessages });
}

async function examine(page, isStopped) {
  await page.evaluate(axe.source);
  let done = false;
  const run = page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  run.finally(() => (done = true)).catch(() => {});
  while (isStopped && !done) await page.clock.runFor(1); // axe needs timers
  const { violations } = await run;
  const scrollsHorizontally = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth;
  });
  return violations
    .flatMap(({ id, nodes }) =>
      nodes.filter((node) => !isOpenMenu(id, node)).map(({ target }) => `${id} at ${target}`),
    )
    .concat(scrollsHorizontally ? "horizontal scrolling" : []);
}

/** Whether axe has found that an open menu is outside of the regions of the page, as all menus are. */
const isOpenMenu = (id, { html }) => id === "region" && html.includes('role="menu"');
