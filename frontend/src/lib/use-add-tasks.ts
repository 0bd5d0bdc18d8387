import { groupsOf } from "./groups";
import type { TaskFields } from "./task";
import { count } from "./text";
import { showToast } from "./toast";
import { remember } from "./undo";
import { useToday } from "./use-today";
import { useNavigate } from "./use-view";
import { useUser } from "./user-context";
import { HOME, type View } from "./views";

/** Returns a function that adds tasks, which is one step to undo. A message tells of several tasks, and of
 *  one that is out of sight. */
export function useAddTasks(view: View): (tasks: TaskFields[]) => void {
  const { store } = useUser();
  const navigate = useNavigate();
  const today = useToday();

  return (tasks) => {
    // The newest task is shown first, so that the first line is added last.
    const added = [...tasks].reverse().map((fields) => store.add(fields));
    const [first] = added;
    const text =
      tasks.length === 1 ? `Added “${tasks[0]?.title}”` : `Added ${count(tasks.length, "task")}`;
    const undo = remember(text, async () => {
      await Promise.all(added.map((each) => each.undo()));
    });
    if (added.length > 1) showToast(text, { action: { name: "Undo", run: undo } });
    else if (first) requestAnimationFrame(() => tellIfHidden(first.id, text));
  };

  /** Is called when the list has been rendered, which shows only the first rows of a long view. */
  function tellIfHidden(id: string, text: string) {
    const task = store.snapshot().tasks.get(id);
    if (!task || isInSight(id)) return;
    const isInView = groupsOf(view, [task], today).length > 0;
    showToast(isInView ? text : `${text}. It is not in this view`, {
      action: {
        name: "Show",
        run: () => navigate({ task: id }, isInView ? {} : { from: HOME }),
      },
    });
  }
}

function isInSight(id: string): boolean {
  const place = document.querySelector(`[data-task="${id}"]`)?.getBoundingClientRect();
  return place !== undefined && place.bottom > 0 && place.top < window.innerHeight;
}
