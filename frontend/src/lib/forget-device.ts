/** Deletes what this browser stores of a user. */
export function forgetOnThisDevice(userId: string) {
  for (const name of Object.keys(localStorage)) {
    if (name.includes(userId)) localStorage.removeItem(name);
  }
}
