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

// What is loaded when the page is idle, or when it is first shown. Without a network it may be missing.
export const Menus = extra(LOADERS.menus, <MenusBefore />);
export const Keys = extra(LOADERS.keys);
export const Toasts = extra(LOADERS.toasts);
export const ServiceWorker = extra(LOADERS.serviceWorker);
export const SessionWatch = extra(LOADERS.sessionWatch);
export const Refused = extra(LOADERS.refused);
export const Offline = extra(LOADERS.offline);
export const LoadError = extra(LOADERS.loadError);
export const RowActions = extra(LOADERS.rowActions);
export const TagMenu = extra(LOADERS.tagMenu);
export const TaskDialog = extra(LOADERS.taskDialog);
export const DatePopover = extra(LOADERS.datePopover);
export const HelpSheet = extra(LOADERS.helpSheet);
export const QuestionDialog = extra(LOADERS.questionDialog);
export const Drawer = extra(LOADERS.drawer);

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

/** The same for a part without which the page is of use: if it cannot be loaded, `before` stays. */
function extra<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  before?: ReactNode,
): ComponentType<Props> {
  return later(() => load().catch(() => () => before), before);
}
