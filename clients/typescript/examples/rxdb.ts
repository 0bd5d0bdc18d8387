// Keeps tasks in a local database that also works offline, with RxDB (https://rxdb.info).
// Of conflicting changes of one field, the last one that is pushed wins; a deletion always wins.
import { defaultConflictHandler, type RxCollection, type WithDeleted } from "rxdb/plugins/core";
import type { RxConflictHandler, RxJsonSchema } from "rxdb/plugins/core";
import { replicateRxCollection } from "rxdb/plugins/replication";
import { TodoApiError, type Changes, type Task, type TodoClient } from "todo-api-client";

const FIELDS = ["title", "description", "completed", "priority", "due_date"] as const;
/** The service sets the other fields of a task. */
export type LocalTask = Pick<Task, "id" | (typeof FIELDS)[number]> & Partial<Task>;
type Document = WithDeleted<LocalTask>;
type Row = { newDocumentState: Document; assumedMasterState?: Document };

const [text, optional] = [{ type: "string" }, { type: ["string", "null"] }];
export const schema: RxJsonSchema<LocalTask> = {
  version: 0, type: "object", primaryKey: "id",
  properties: {
    id: { type: "string", maxLength: 36 }, title: text, description: optional, priority: text,
    completed: { type: "boolean" }, due_date: optional, completed_at: optional, user_id: text,
    due_at: optional, time_zone: optional, remind_at: optional, repeat: { type: ["object", "null"] },
    tags: { type: "array", items: text }, created_at: text, updated_at: text, deleted_at: optional,
  },
};
export const conflictHandler: RxConflictHandler<LocalTask> = {
  isEqual: defaultConflictHandler.isEqual,
  resolve: async ({ newDocumentState, assumedMasterState, realMasterState: current }) =>
    current._deleted ? current : { ...current, ...changes(newDocumentState, assumedMasterState) },
};

function changes(task: LocalTask, known?: LocalTask): Partial<LocalTask> {
  const names = FIELDS.filter((name) => task[name] !== known?.[name]);
  return Object.fromEntries(names.map((name) => [name, task[name]]));
}
const existing = (task: Task): Document => ({ ...task, _deleted: false });
const deleted = (id: string) => ({ id, _deleted: true }) as Document;
const documentsOf = (page: Changes) => [...page.tasks.map(existing), ...page.deleted.map(deleted)];

function operationFor({ newDocumentState: task, assumedMasterState: known }: Row) {
  const [id, fields] = [task.id, changes(task, known)];
  if (task._deleted) return { op: "delete", id } as const;
  if (!known) return { op: "create", id, fields } as const;
  // Without a version the task was not pulled since its creation: 412 fetches it.
  return { op: "update", id, fields, if_match: known.updated_at ?? "none" } as const;
}

/** Starts the replication, in a database for one user. `reSync()` of the result pulls again. */
export function replicateTasks(collection: RxCollection<LocalTask>, api: TodoClient) {
  async function pull(checkpoint: { since: string } | undefined, limit: number) {
    try {
      for await (const page of api.sync(checkpoint?.since, { limit }))
        return { documents: documentsOf(page), checkpoint: { since: page.checkpoint } };
      return { documents: [], checkpoint };
    } catch (error) {
      // 410: the checkpoint is too old; 400: it was signed with another key.
      if (!(error instanceof TodoApiError && [400, 410].includes(error.status))) throw error;
    }
    // Tasks that do not come were deleted. RxDB ignores this for those that it has not pushed yet.
    const documents = new Map<string, Document>();
    for (const { id } of await collection.find().exec()) documents.set(id, deleted(id));
    for await (const page of api.sync()) {
      for (const each of documentsOf(page)) documents.set(each.id, each);
      checkpoint = { since: page.checkpoint };
    }
    return { documents: [...documents.values()], checkpoint };
  }

  async function read(id: string): Promise<Document> {
    // An update without fields changes nothing.
    const { data } = await api.batch([{ op: "update", id }], { atomic: false });
    return data.results[0]?.task ? existing(data.results[0].task) : deleted(id);
  }

  async function push(rows: Row[]) {
    const operations = rows.map(operationFor);
    const { results } = (await api.batch(operations, { atomic: false })).data;
    const conflicts: Document[] = [];
    for (const [index, { op, id }] of operations.entries()) {
      const problem = results[index]?.problem;
      if (!problem || (op === "delete" && problem.status === 404)) continue;
      if (problem.status !== 404 && problem.status !== 412) throw new Error(problem.detail);
      conflicts.push(problem.current ? existing(problem.current) : await read(id));
    }
    return conflicts;
  }

  // One after the other: RxDB ignores a pulled task while it pushes the same one.
  let last: Promise<any> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> =>
    (last = last.then(work, work));
  return replicateRxCollection<LocalTask, { since: string }>({
    collection, replicationIdentifier: "todo-api",
    pull: { handler: (...pulled) => inTurn(() => pull(...pulled)), batchSize: 1000 },
    push: { handler: (rows) => inTurn(() => push(rows)), batchSize: 100 },
  });
}
