import assert from "node:assert/strict";
import { test } from "node:test";
import { changedFields, differences, needsChoice } from "../src/lib/versions.ts";
import { task } from "./task.ts";

const base = task("a");

test("changedFields returns only the changed fields", () => {
  const changed = changedFields(base, { ...base, title: "Water the cactus", priority: "medium" });

  assert.deepEqual(changed, { title: "Water the cactus" });
});

test("a due date and its time are changed together", () => {
  const due = {
    due_date: "2026-12-01",
    due_at: "2026-12-01T08:00:00Z",
    time_zone: "Europe/Berlin",
  };

  assert.deepEqual(changedFields(base, { ...base, ...due }), due);
  assert.deepEqual(changedFields(task("a", due), { ...base, ...due, time_zone: "UTC" }), {});
});

test("a choice is needed if the same field was changed elsewhere", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { title: "Water the roses" })), true);
});

test("no choice is needed if other fields changed, or both changes are equal", () => {
  const mine = { title: "Water the cactus" };

  assert.equal(needsChoice(base, mine, task("a", { completed: true, priority: "high" })), false);
  assert.equal(needsChoice(base, mine, task("a", { due_date: "2026-12-01" })), false);
  assert.equal(needsChoice(base, mine, task("a", { title: "Water the cactus" })), false);
});

test("differences are the fields in which the user must choose", () => {
  const theirs = task("a", { title: "Water the roses", priority: "urgent", tags: ["home"] });

  const listed = differences(base, { title: "Water the cactus", tags: ["garden"] }, theirs);

  assert.deepEqual(listed, ["title", "tags"]);
});
