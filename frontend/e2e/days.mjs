const MILLISECONDS = 86_400_000;

/** Returns the date `days` from today in the API's format. */
export const day = (days) => new Date(Date.now() + days * MILLISECONDS).toISOString().slice(0, 10);
