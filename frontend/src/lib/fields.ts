/** The ids of the fields that a key gives the focus. */
export const FIELDS = { newTask: "new-task", search: "search-tasks" };
