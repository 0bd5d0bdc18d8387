import { useMemo } from "react";
import { ask } from "./ask";
import { dayName, dayOf, timeZone } from "./day";
import { lowerFirst } from "./errors";
import { movedTo } from "./reschedule";
import type { TaskStore, Undo } from "./store";
import type { Task, TaskFields } from "./task";
import { count } from "./text";
import { showToast } from "./toast";
import { remember } from "./undo";
import { useUser } from "./user-context";

/** Returns the changes that users can make, each with a message that can undo it. */
export function useActions() {
  const { store } = useUser();
  return useMemo(() => actionsOn(store), [store]);
}

function actionsOn(store: TaskStore) {
  return {
    setCompleted(task: Task, completed: boolean) {
      const undo = store.setCompleted(task, completed);
      const isNextLater = completed && task.repeat && !navigator.onLine;
      const later = isNextLater ? ". The next one appears when you are online again" : "";
      offerUndo(`${completed ? "Completed" : "Reopened"} “${task.title}”${later}`, undo);
    },

    edit(base: Task, fields: Partial<TaskFields>) {
      offerUndo(`Saved “${fields.title ?? base.title}”`, store.edit(base, fields));
    },

    /** Moves tasks to a day; null is no due date. */
    move(tasks: Task[], day: string | null) {
      const undos = tasks.map((task) => store.edit(task, movedTo(task, day, timeZone())));
      const what = tasks.length === 1 ? `“${tasks[0]?.title}”` : count(tasks.length, "task");
      const where = day ? lowerFirst(dayName(day, dayOf(new Date()))) : "no due date";
      offerUndo(`Moved ${what} to ${where}`, async () => {
        for (const undo of undos) await undo();
      });
    },

    remove(task: Task) {
      offerUndo(`Moved “${task.title}” to the trash`, store.remove([task.id]));
    },

    restore(task: Task) {
      offerUndo(`Restored “${task.title}”`, store.restore([task.id]));
    },

    /** Deletes tasks for good, if the user confirms it. */
    async purge(tasks: Task[]) {
      const what = tasks.length === 1 ? `“${tasks[0]?.title}”` : count(tasks.length, "task");
      const isSure = await ask({
        title: `Delete ${what} for good?`,
        text: "This cannot be undone.",
        confirm: "Delete for good",
      });
      if (!isSure) return;
      store.purge(tasks.map(({ id }) => id));
      showToast(`Deleted ${what} for good`);
    },
  };
}

function offerUndo(text: string, undo: Undo) {
  showToast(text, { action: { name: "Undo", run: remember(text, undo) }, milliseconds: 8_000 });
}
