// Runs a task's life with the client that hey-api generates: node life.cjs FOLDER ADDRESS TOKEN
const assert = require("node:assert/strict");
const path = require("node:path");

const [folder, baseUrl, token] = process.argv.slice(2);
const { client } = require(path.join(folder, "client.gen"));
const api = require(path.join(folder, "sdk.gen"));
client.setConfig({ baseUrl, auth: token, throwOnError: true });

async function main() {
  const body = { title: "Water the plants", priority: "high", due_date: "2026-12-24" };
  const { data: task } = await api.createTask({ body });
  assert.equal(task.due_date, "2026-12-24");
  const at = { path: { id: task.id } };
  await api.updateTask({ ...at, body: { title: "Water them", due_date: null } });
  await api.completeTask({ ...at, body: { completed: true } });
  const { data: found } = await api.getTask(at);
  assert.deepEqual([found.title, found.completed, found.due_date], ["Water them", true, null]);
  const { data: listed } = await api.listTasks({ query: { status: "completed", sort: "-created_at" } });
  assert.deepEqual(listed.map(({ id }) => id), [task.id]);
  await api.deleteTask(at);
  const { error } = await api.getTask({ ...at, throwOnError: false });
  assert.equal(error.code, "not_found");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
