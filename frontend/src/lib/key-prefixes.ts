// An API key shows by its first characters what it may do.
export const PREFIX = "todo_";
export const READ_PREFIX = "todo_read_";
