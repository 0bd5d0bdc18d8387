import { TriangleAlert } from "lucide-react";
import { lowerFirst } from "@/lib/errors";
import type { Operation } from "@/lib/queue";
import { fieldsOf, NO_FIELDS } from "@/lib/task";
import { useNavigate } from "@/lib/use-view";
import { useTaskState, useUser } from "@/lib/user-context";
import { Button } from "./button";

type Choice = { name: string; run: () => void };
const VERBS = { create: "added", update: "changed", complete: "completed" } as const;

/** The changes that the API has refused: each with the reason, and the ways out. */
export function Refused() {
  const { operations } = useTaskState();
  const refused = operations.filter(({ problem }) => problem);
  return (
    <ul className="mb-6 flex flex-col gap-2">
      {refused.map((operation) => (
        <RefusedChange key={operation.key} operation={operation} />
      ))}
    </ul>
  );
}

function RefusedChange({ operation }: { operation: Operation }) {
  const { tasks } = useTaskState();
  const { store } = useUser();
  const navigate = useNavigate();
  const { id, op, problem } = operation;
  const title =
    tasks.get(id)?.title ?? ("fields" in operation && operation.fields.title) ?? "A task";
  const open = () => navigate({ task: id });
  const again: Choice = { name: "Try again", run: () => store.retry(operation) };

  let reason = lowerFirst(problem?.detail ?? "").replace(/\.$/, "");
  let choices: Choice[] = [again];
  if (problem?.current) {
    reason = "it was also changed on another device";
    choices = [{ name: "Choose a version", run: open }];
  } else if (problem?.code === "not_found") {
    reason = "it was deleted on another device";
    choices = notFound(operation);
  } else if (problem?.code === "quota_exceeded") {
    choices = [again, { name: "Open the trash", run: () => navigate({ view: "trash" }) }];
  } else if (problem?.code === "validation_error" && "fields" in operation) {
    choices = [{ name: "Edit", run: open }];
  }

  function notFound(operation: Operation): Choice[] {
    const task = tasks.get(id);
    const fields = "fields" in operation ? operation.fields : {};
    const asNew = () => {
      store.discard(operation);
      store.add({ ...NO_FIELDS, ...(task && fieldsOf(task)), ...fields });
    };
    const restore = () => {
      store.restore([id]);
      store.retryLast(operation);
    };
    return [
      ...(task?.deleted_at ? [{ name: "Restore and save", run: restore }] : []),
      { name: "Add as a new task", run: asNew },
    ];
  }

  return (
    <li>
      <div
        role="alert"
        className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl bg-danger-soft py-2 pr-2 pl-4 text-sm text-danger"
      >
        <TriangleAlert className="size-4 shrink-0" aria-hidden="true" />
        <p className="min-w-48 flex-1 wrap-anywhere">
          “<bdi>{title}</bdi>” was not {op in VERBS ? VERBS[op as keyof typeof VERBS] : "saved"}:{" "}
          {reason}.
        </p>
        <span className="flex flex-wrap gap-2">
          {choices.map(({ name, run }) => (
            <Button key={name} variant="secondary" onClick={run}>
              {name}
            </Button>
          ))}
          <Button variant="quiet" className="text-danger" onClick={() => store.discard(operation)}>
            Discard
          </Button>
        </span>
      </div>
    </li>
  );
}
