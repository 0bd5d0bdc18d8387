import assert from "node:assert/strict";
import { test } from "node:test";
import { changedFields, differences, needsChoice } from "../src/lib/versions.ts";
import { task } from "./task.ts";

const base = task("a");

test("changedFields returns only the changed fields", () => {
  const changed = changedFields(base, { ...base, title: "Water the cactus", priority: "medium" });

  assert.deepEqual(changed, { title: "Water the cactus" });
});

test("a choice is needed if the same or another field was changed elsewhere", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { title: "Water the roses" })), true);
  assert.equal(needsChoice(base, mine, task("a", { due_date: "2026-12-01" })), true);
});

test("no choice is needed if the completion changed, or both changes are equal", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { completed: true })), false);
  assert.equal(needsChoice(base, mine, task("a", { title: "Water the cactus" })), false);
});

test("differences contains changes of both sides, and mine is undefined for fields that I did not change", () => {
  const theirs = task("a", { priority: "urgent", description: "Both" });

  const listed = differences(base, { title: "Water the cactus", description: "Both" }, theirs);

  assert.deepEqual(listed, [
    { name: "title", theirs: "Water the plants", mine: "Water the cactus" },
    { name: "priority", theirs: "urgent", mine: undefined },
  ]);
});
