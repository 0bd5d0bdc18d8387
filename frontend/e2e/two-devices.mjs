// Two devices of one user, which do not share a browser.
import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

/** Returns a user with one task on two devices. */
async function onTwoDevices(newUser) {
  const phone = await newUser("Alice");
  await phone.signUp();
  await phone.addAndSee("Water the plants");
  const laptop = await newUser("Alice");
  laptop.email = phone.email;
  await laptop.signIn();
  await laptop.openEdit("Water the plants"); // loads the dialog, before the network is gone
  await laptop.page.keyboard.press("Escape");
  await laptop.dialog.waitFor({ state: "detached" });
  return [phone, laptop];
}

scenario("changes of another device are shown when the page is visited again", async (newUser) => {
  const [phone, laptop] = await onTwoDevices(newUser);

  await phone.edit("Water the plants", { Title: "Water the roses" });
  await phone.saved();
  await laptop.page.evaluate(() => window.dispatchEvent(new Event("focus")));

  await eventually(async () => assert.deepEqual(await laptop.tasks(), ["Water the roses"]));
});

scenario("changes of different fields are merged", async (newUser) => {
  const [phone, laptop] = await onTwoDevices(newUser);

  await laptop.context.setOffline(true);
  await laptop.edit("Water the plants", { Title: "Water the roses" });
  await phone.edit("Water the plants", { Priority: "high" });
  await phone.saved();
  await laptop.context.setOffline(false);
  await laptop.saved();

  await laptop.page.getByText("High priority").waitFor();
  assert.deepEqual(await laptop.tasks(), ["Water the roses"]);
});

scenario(
  "of two changes of one field that were made offline, the user chooses one",
  async (newUser) => {
    const [phone, laptop] = await onTwoDevices(newUser);
    await laptop.context.setOffline(true);
    await laptop.edit("Water the plants", { Title: "Water the roses" });
    await phone.edit("Water the plants", { Title: "Water the lawn" });
    await phone.saved();

    await laptop.context.setOffline(false);
    await laptop.button("Save my changes").waitFor(); // it opens by itself
    await laptop.page.keyboard.press("Escape");
    await laptop.page.getByText("was not changed: it was also changed on another device").waitFor();
    await laptop.button("Choose a version").click();
    await laptop.button("Save my changes").click();
    await laptop.saved();

    await phone.reload();
    await eventually(async () => assert.deepEqual(await phone.tasks(), ["Water the roses"]));
  },
);

scenario("a change of a task that another device has deleted can be saved", async (newUser) => {
  const [phone, laptop] = await onTwoDevices(newUser);
  await laptop.context.setOffline(true);
  await laptop.edit("Water the plants", { Title: "Water the roses" });
  await phone.button("Delete Water the plants").click();
  await phone.saved();

  await laptop.context.setOffline(false);
  await laptop.page.getByText("was not changed: it was deleted on another device").waitFor();
  await laptop.button("Restore and save").click();
  await laptop.saved();

  await phone.reload();
  await eventually(async () => assert.deepEqual(await phone.tasks(), ["Water the roses"]));
});

scenario(
  "a device that was away for long starts again without losing its changes",
  async (newUser) => {
    const [phone, laptop] = await onTwoDevices(newUser);
    await phone.addAndSee("Feed the cat");
    await laptop.page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await laptop.checkbox("Feed the cat").waitFor();
    await laptop.context.setOffline(true);
    await laptop.add("Call the dentist");
    const id = await phone.idOf("Feed the cat");
    await phone.callApi("DELETE", `/api/tasks/${id}?forever=true`);

    await laptop.context.setOffline(false);
    await laptop.saved();

    await eventually(async () =>
      assert.deepEqual(await laptop.tasks(), ["Call the dentist", "Water the plants"]),
    );
    assert.ok(laptop.failures.includes(410));
  },
);
