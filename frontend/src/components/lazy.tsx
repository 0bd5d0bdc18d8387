"use client";

import { type ComponentType, lazy, type ReactNode, Suspense } from "react";
import { Loading } from "./loading";
import { MenusBefore } from "./menus-before";

const LOADERS = {
  sidebar: () => import("./sidebar").then((it) => it.Sidebar),
  quickEntry: () => import("./quick-entry").then((it) => it.QuickEntry),
  taskList: () => import("./task-list").then((it) => it.TaskList),
  menus: () => import("./menus").then((it) => it.Menus),
  keys: () => import("./keys").then((it) => it.Keys),
  toasts: () => import("./toasts").then((it) => it.Toasts),
  serviceWorker: () => import("./service-worker").then((it) => it.ServiceWorker),
  sessionWatch: () => import("./session-watch").then((it) => it.SessionWatch),
  refused: () => import("./refused").then((it) => it.Refused),
  offline: () => import("./states").then((it) => it.Offline),
  loadError: () => import("./states").then((it) => it.LoadError),
  rowActions: () => import("./row-actions").then((it) => it.RowActions),
  tagMenu: () => import("./tag-menu").then((it) => it.TagMenu),
  taskDialog: () => import("./task-dialog").then((it) => it.TaskDialog),
  datePopover: () => import("./date-popover").then((it) => it.DatePopover),
  helpSheet: () => import("./help-sheet").then((it) => it.HelpSheet),
  questionDialog: () => import("./question-dialog").then((it) => it.QuestionDialog),
  drawer: () => import("./drawer").then((it) => it.Drawer),
};

// The content of the page, which is loaded beside its frame.
export const Sidebar = later(LOADERS.sidebar);
export const QuickEntry = later(LOADERS.quickEntry);
export const TaskList = later(LOADERS.taskList, <Loading />);

// What is loaded when the page is idle, or when it is first shown.
export const Menus = later(LOADERS.menus, <MenusBefore />);
export const Keys = later(LOADERS.keys);
export const Toasts = later(LOADERS.toasts);
export const ServiceWorker = later(LOADERS.serviceWorker);
export const SessionWatch = later(LOADERS.sessionWatch);
export const Refused = later(LOADERS.refused);
export const Offline = later(LOADERS.offline);
export const LoadError = later(LOADERS.loadError);
export const RowActions = later(LOADERS.rowActions);
export const TagMenu = later(LOADERS.tagMenu);
export const TaskDialog = later(LOADERS.taskDialog);
export const DatePopover = later(LOADERS.datePopover);
export const HelpSheet = later(LOADERS.helpSheet);
export const QuestionDialog = later(LOADERS.questionDialog);
export const Drawer = later(LOADERS.drawer);

/** Loads all of it, and the parser of dates, so that it also works when the network is gone. */
export const loadAll = () =>
  Promise.all([...Object.values(LOADERS).map((load) => load()), import("@/lib/when")]);

/** Returns a component that shows `before` until it is loaded. */
function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  before?: ReactNode,
): ComponentType<Props> {
  const Loaded = lazy(async () => ({ default: await load() }));
  return (props) => (
    <Suspense fallback={before}>
      <Loaded {...props} />
    </Suspense>
  );
}
