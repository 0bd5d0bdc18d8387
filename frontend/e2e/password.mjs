import assert from "node:assert/strict";
import { checker } from "./checker.mjs";
import { eventually, scenario } from "./scenario.mjs";
import { printed } from "./services.mjs";

const NEW_PASSWORD = "five words in one row";

scenario("a forgotten password is replaced with a link", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  await alice.context.clearCookies();

  await alice.goTo("/sign-in");
  await alice.page.getByRole("link", { name: "Forgot your password?" }).click();
  await alice.page.getByRole("heading", { name: "Forgot your password?" }).waitFor();
  await check("forgot-password");
  await alice.page.getByLabel("Email").fill(alice.email);
  await alice.button("Send link").click();
  await alice.page.getByText("we have sent it a link").waitFor();
  await check("forgot-password-sent");
  const link = await eventually(() => linkTo(alice.email));

  await alice.page.goto(link);
  await alice.ready();
  await alice.page.getByLabel("Password", { exact: true }).fill("short");
  await alice.button("Save password").click();
  await alice.page.getByText("Use at least 8 characters.").waitFor();
  await check("reset-password-problem");
  await alice.page.getByLabel("Password", { exact: true }).fill(NEW_PASSWORD);
  await alice.button("Save password").click();
  await alice.page.getByText("Your password is changed").waitFor();
  await check("reset-password-done");

  await alice.goTo("/sign-in");
  await alice.fillCredentials("Sign in");
  await alice.page.getByText("Incorrect email or password.").waitFor();
  await alice.fillCredentials("Sign in", NEW_PASSWORD);
  await alice.page.waitForURL("**/dashboard");

  await alice.page.goto(link);
  await alice.page.getByText("This link is not valid any more").waitFor();
  await check("reset-password-used");
  assert.deepEqual(check.violations, []);
});

scenario("the page does not tell whether an email address has an account", async (newUser) => {
  const nobody = await newUser("Nobody");

  await nobody.goTo("/forgot-password");
  await nobody.page.getByLabel("Email").fill(nobody.email);
  await nobody.button("Send link").click();
  await nobody.page.getByText("we have sent it a link").waitFor();

  assert.throws(() => linkTo(nobody.email));
});

scenario("a user changes the email address with a link", async (newUser) => {
  const alice = await newUser("Alice");
  const check = checker(alice);
  await alice.signUp();
  const newEmail = `new-${alice.email}`;

  await alice.goTo("/account");
  await alice.page.getByRole("textbox", { name: "Email" }).fill("alice");
  await alice.button("Send link to the new address").click();
  await alice.page.getByText("Enter a valid email address").waitFor();
  await alice.page.getByRole("textbox", { name: "Email" }).fill(newEmail);
  await alice.button("Send link to the new address").click();
  await alice.page.getByText("We have sent a link").waitFor();
  await check("account-email-sent");
  const link = await eventually(() => linkTo(newEmail));
  assert.match(printed(), new RegExp(`E-mail to ${alice.email}: Your email address may change`));

  await alice.page.goto(link);
  await alice.page.getByRole("heading", { name: "Your email address is changed" }).waitFor();
  await check("email-changed");
  await alice.page.goto(link);
  await alice.page.getByText("This link is not valid any more").waitFor();
  await check("email-changed-used");

  await alice.context.clearCookies();
  await alice.goTo("/sign-in");
  await alice.fillCredentials("Sign in");
  await alice.page.getByText("Incorrect email or password.").waitFor();
  alice.email = newEmail;
  await alice.enterCredentials("Sign in");
  assert.deepEqual(check.violations, []);
});

/** Returns the link in the e-mail that the app has printed. */
function linkTo(email) {
  const [, mail] = printed().split(`E-mail to ${email}:`);
  return /https?:\S+/.exec(mail)[0];
}
