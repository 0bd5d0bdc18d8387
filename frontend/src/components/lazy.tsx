"use client";

import dynamic from "next/dynamic";

const LOADERS = {
  taskDialog: () => import("./task-dialog").then((it) => it.TaskDialog),
  datePopover: () => import("./date-popover").then((it) => it.DatePopover),
  helpSheet: () => import("./help-sheet").then((it) => it.HelpSheet),
  questionDialog: () => import("./question-dialog").then((it) => it.QuestionDialog),
  drawer: () => import("./drawer").then((it) => it.Drawer),
};

// What is loaded when it is first shown.
export const TaskDialog = dynamic(LOADERS.taskDialog);
export const DatePopover = dynamic(LOADERS.datePopover);
export const HelpSheet = dynamic(LOADERS.helpSheet);
export const QuestionDialog = dynamic(LOADERS.questionDialog);
export const Drawer = dynamic(LOADERS.drawer);

/** Loads all of it, so that it also works when the network is gone. */
export const loadAll = () => Promise.all(Object.values(LOADERS).map((load) => load()));
