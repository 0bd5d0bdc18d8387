import { useEffect, useRef } from "react";
import { FIELDS } from "./fields";
import type { Priority } from "./task";
import { closeToasts, showToast } from "./toast";
import { undoLast } from "./undo";
import type { ViewName } from "./views";

type Handlers = {
  goTo: (view: ViewName) => void;
  open: (taskId: string) => void;
  complete: (taskId: string) => void;
  remove: (taskId: string) => void;
  prioritize: (taskId: string, priority: Priority) => void;
  help: () => void;
};
const PLACES: Record<string, ViewName> = {
  t: "today",
  u: "upcoming",
  o: "overdue",
  a: "all",
  c: "completed",
  d: "trash",
};
const PRIORITY_KEYS: Record<string, Priority> = {
  "1": "urgent",
  "2": "high",
  "3": "medium",
  "4": "low",
};
const SEQUENCE_MILLISECONDS = 1_500; // between g and the second key

/** Adds the keys of the app. They are off while the user types, and in menus and dialogs. */
export function useShortcuts(handlers: Handlers) {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    let goUntil = 0;
    function press(event: KeyboardEvent) {
      const target = event.target as HTMLElement;
      const isBusy = target.closest(
        "input:not([type=checkbox]), textarea, select, [role=dialog], [role=alertdialog], [role=menu]",
      );
      if (isBusy || event.altKey || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key !== "z" || event.shiftKey) return;
        event.preventDefault();
        void undo();
        return;
      }
      const place = Date.now() < goUntil ? PLACES[event.key] : undefined;
      goUntil = event.key === "g" ? Date.now() + SEQUENCE_MILLISECONDS : 0;
      if (place) latest.current.goTo(place);
      else if (!act(event.key, latest.current)) return;
      event.preventDefault(); // else the character would be entered into the field
    }
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}

async function undo() {
  const text = await undoLast();
  await closeToasts();
  await showToast(text ? `Undone: ${text}` : "Nothing to undo");
}

/** Returns whether the key has a meaning. */
function act(key: string, handlers: Handlers): boolean {
  if (key === "n") focus(FIELDS.newTask);
  else if (key === "/") focus(FIELDS.search);
  else if (key === "?") handlers.help();
  else if (key === "j") moveFocus(1);
  else if (key === "k") moveFocus(-1);
  else {
    const id = document.activeElement?.closest<HTMLElement>("[data-task]")?.dataset.task;
    if (!id) return false;
    const priority = PRIORITY_KEYS[key];
    if (key === "x") handlers.complete(id);
    else if (priority) handlers.prioritize(id, priority);
    else if (key === "d") menuOf(id)?.click();
    else if (key === "ArrowDown") moveFocus(1);
    else if (key === "ArrowUp") moveFocus(-1);
    else if (key === "e") handlers.open(id);
    else if (key === "Delete" || key === "Backspace") handlers.remove(id);
    else return false;
  }
  return true;
}

const menuOf = (id: string) =>
  document.querySelector<HTMLElement>(`[data-task="${id}"] [data-menu]`);

const focus = (id: string) => document.getElementById(id)?.focus();

/** Moves the focus to the next or the previous task. */
function moveFocus(step: number) {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-task]")];
  const position = rows.findIndex((row) => row.contains(document.activeElement));
  const next = position < 0 ? (step > 0 ? 0 : rows.length - 1) : position + step;
  const row = rows[Math.min(Math.max(next, 0), rows.length - 1)];
  row?.querySelector<HTMLElement>("[data-primary]")?.focus();
  row?.scrollIntoView({ block: "nearest" });
}
