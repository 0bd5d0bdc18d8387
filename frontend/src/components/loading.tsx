/** Stands in place of the list until the tasks are loaded. */
export function Loading() {
  return (
    <div role="status" className="divide-y divide-line">
      <span className="sr-only">Loading your tasks</span>
      {["w-3/5", "w-2/5", "w-1/2", "w-1/3"].map((width) => (
        <div
          key={width}
          aria-hidden="true"
          className="flex animate-pulse items-start gap-3 px-3 py-3"
        >
          <span className="size-5 rounded-full bg-sunken" />
          <span className="flex-1">
            <span className={`block h-4 rounded bg-sunken ${width}`} />
            <span className="mt-2 block h-3 w-24 rounded bg-sunken" />
          </span>
        </div>
      ))}
    </div>
  );
}
