// The pages of the API itself: the documentation and the admin, under their Content-Security-Policy.
// The scenario fails if the browser reports a violation.
import assert from "node:assert/strict";
import { scenario } from "./scenario.mjs";
import { API, manage } from "./services.mjs";

const EMAIL = "second-operator@todo.test"; // the development server has created one already
const PASSWORD = "a password of the operator";

scenario("the documentation page tries out a request", async (newUser) => {
  const { page } = await newUser("Reader");

  await page.goto(`${API}/api/docs`);
  await page.getByText("List own tasks, newest first").first().click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await page.getByText("not_authenticated").first().waitFor();
});

scenario("the admin's pages work", async (newUser) => {
  await manage(`createsuperuser --noinput --email ${EMAIL}`, {
    DJANGO_SUPERUSER_PASSWORD: PASSWORD,
  });
  const { page } = await newUser("Operator");

  await page.goto(`${API}/admin/?next=/accounts/profile/`);
  await page.getByLabel("Email").fill(EMAIL);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "Dashboard" }).waitFor();

  const links = await page
    .locator("#content a, #nav-sidebar a")
    .evaluateAll((found) =>
      found.map((link) => new URL(link.getAttribute("href"), document.baseURI).href.split("#")[0]),
    );
  assert.ok(links.length > 5);
  for (const link of new Set(links)) {
    const response = await page.goto(link);
    assert.equal(response.status(), 200, link);
  }

  await page.goto(`${API}/admin/accounts/user/`);
  await page.locator("#result_list tbody th a").first().click();
  await page.getByText("Rights in the admin").click();
  await page.getByRole("link", { name: "Export" }).first().click();
  await page.goto(`${API}/admin/auth/group/add/`);
  await page.getByLabel("Name:").fill("Support");
  await page.getByLabel("Reason:").fill("Ticket 1");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("was added successfully").waitFor();
});
