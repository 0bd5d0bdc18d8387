export function Brand() {
  return (
    <span className="inline-flex items-center gap-2.5 text-lg font-semibold tracking-tight">
      <svg viewBox="0 0 32 32" className="size-7" aria-hidden="true">
        <rect width="32" height="32" rx="9" className="fill-accent" />
        <path
          d="m9.5 16.5 4.5 4.5 8.5-9.5"
          className="fill-none stroke-on-accent stroke-3 [stroke-linecap:round] [stroke-linejoin:round]"
        />
      </svg>
      Todo
    </span>
  );
}
