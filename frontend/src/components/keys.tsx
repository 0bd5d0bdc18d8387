import type { Task } from "@/lib/task";
import { useActions } from "@/lib/use-actions";
import { useShortcuts } from "@/lib/use-shortcuts";
import { useNavigate } from "@/lib/use-view";
import { useTaskState } from "@/lib/user-context";
import { HOME } from "@/lib/views";

type Props = { onOpen: (task: Task) => void; onHelp: () => void };

/** The keys of the dashboard. */
export function Keys({ onOpen, onHelp }: Props) {
  const { tasks } = useTaskState();
  const { setCompleted, edit, remove, purge } = useActions();
  const navigate = useNavigate();

  const withTask = (id: string, act: (task: Task) => void) => {
    const task = tasks.get(id);
    if (task && !task.deleted_at) act(task);
  };
  useShortcuts({
    goTo: (name) => navigate({ view: name }, { from: HOME }),
    open: (id) => withTask(id, onOpen),
    complete: (id) => withTask(id, (task) => setCompleted(task, !task.completed)),
    remove: (id) => {
      const task = tasks.get(id);
      if (task) task.deleted_at ? purge([task]) : remove(task);
    },
    prioritize: (id, priority) => withTask(id, (task) => edit(task, { priority })),
    help: onHelp,
  });
  return null;
}
