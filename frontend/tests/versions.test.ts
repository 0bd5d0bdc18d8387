import assert from "node:assert/strict";
import { test } from "node:test";
import { changedFields, differences, needsChoice } from "../src/lib/versions.ts";
import { task } from "./task.ts";

const base = task("a");

test("it sends the fields that were changed, and no others", () => {
  const changed = changedFields(base, { ...base, title: "Water the cactus", priority: "medium" });

  assert.deepEqual(changed, { title: "Water the cactus" });
});

test("it asks when somebody else has changed a field, whether or not it is the same one", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { title: "Water the roses" })), true);
  assert.equal(needsChoice(base, mine, task("a", { due_date: "2026-12-01" })), true);
});

test("it does not ask about what saving leaves alone or changes nothing about", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { completed: true })), false);
  assert.equal(needsChoice(base, mine, task("a", { title: "Water the cactus" })), false);
});

test("it lists what both have changed, with nothing of mine where I changed nothing", () => {
  const theirs = task("a", { priority: "urgent", description: "Both" });

  const listed = differences(base, { title: "Water the cactus", description: "Both" }, theirs);

  assert.deepEqual(listed, [
    { name: "title", theirs: "Water the plants", mine: "Water the cactus" },
    { name: "priority", theirs: "urgent", mine: undefined },
  ]);
});
