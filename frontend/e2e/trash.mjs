import assert from "node:assert/strict";
import { eventually, scenario } from "./scenario.mjs";

scenario(
  "a deleted task is in the trash, and can be restored or deleted for good",
  async (newUser) => {
    const alice = await newUser("Alice");
    await alice.signUp();
    for (const title of ["Water the plants", "Feed the cat", "Call the dentist"]) {
      await alice.addAndSee(title);
      await alice.button(`Delete ${title}`).click();
    }
    await alice.saved();

    await alice.show("Trash");
    await alice.page.getByText("Tasks in the trash are deleted for good after 30 days.").waitFor();
    await alice.page.getByText("Will be deleted for good in 30 days").first().waitFor();
    await alice.button("Restore Water the plants").click();
    await alice.button("Delete Feed the cat for good").click();
    await alice.page
      .getByRole("alertdialog", { name: "Delete “Feed the cat” for good?" })
      .waitFor();
    await alice.button("Cancel").click();
    await alice.page.getByText("Feed the cat", { exact: true }).waitFor();
    await alice.button("Delete Feed the cat for good").click();
    await alice.button("Delete for good").click();
    await alice.saved();
    await alice.button("Empty the trash").click();
    await alice.button("Delete for good").click();
    await alice.page.getByText("The trash is empty").waitFor();
    await alice.saved();

    await alice.show("Today");
    await alice.reload();
    await eventually(async () => assert.deepEqual(await alice.tasks(), ["Water the plants"]));
    const trash = await (await alice.callApi("GET", "/api/tasks?deleted=true")).json();
    assert.deepEqual(trash, []);
  },
);

scenario("the trash has tasks that were deleted before this device was used", async (newUser) => {
  const phone = await newUser("Alice");
  await phone.signUp();
  await phone.addAndSee("Water the plants");
  await phone.button("Delete Water the plants").click();
  await phone.saved();

  const laptop = await newUser("Alice");
  laptop.email = phone.email;
  await laptop.signIn();
  await laptop.show("Trash");

  await laptop.page.getByText("Water the plants", { exact: true }).waitFor();
});
