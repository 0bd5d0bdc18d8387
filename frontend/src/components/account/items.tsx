import type { UseQueryResult } from "@tanstack/react-query";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "../button";

type Props<T> = {
  query: Pick<UseQueryResult<T[]>, "data" | "isError" | "refetch">;
  empty: string;
  children: (item: T) => ReactNode;
};

/** A list of the account page that is loaded from Better Auth. */
export function Items<T extends { id: string }>({ query, empty, children }: Props<T>) {
  const { data, isError, refetch } = query;
  if (data?.length) {
    return (
      <ul className="divide-y divide-line">
        {data.map((item) => (
          <li key={item.id}>{children(item)}</li>
        ))}
      </ul>
    );
  }
  if (data) return <p className="px-5 py-6 text-sm text-muted sm:px-6">{empty}</p>;
  if (isError) {
    return (
      <div role="alert" className="flex items-center justify-between gap-4 px-5 py-4 sm:px-6">
        <p className="text-sm">This list could not be loaded.</p>
        <Button variant="secondary" onClick={() => refetch()}>
          Try again
        </Button>
      </div>
    );
  }
  return (
    <div role="status" className="px-5 py-5 sm:px-6">
      <span className="sr-only">Loading</span>
      <span className="block h-4 w-2/5 animate-pulse rounded bg-sunken" />
      <span className="mt-2.5 block h-3 w-1/4 animate-pulse rounded bg-sunken" />
    </div>
  );
}

type ItemProps = {
  icon: LucideIcon;
  title: string;
  badge?: string;
  text: string;
  children?: ReactNode;
};

export function Item({ icon: Icon, title, badge, text, children }: ItemProps) {
  return (
    <div className="flex items-center gap-4 px-5 py-4 sm:px-6">
      <span className="hidden size-10 shrink-0 items-center justify-center rounded-lg bg-sunken text-muted sm:flex">
        <Icon className="size-5" aria-hidden="true" />
      </span>
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="min-w-0 text-sm font-medium wrap-anywhere">{title}</span>
          {badge && (
            <span className="rounded-full bg-accent-soft px-2 py-0.5 text-xs font-medium text-accent">
              {badge}
            </span>
          )}
        </p>
        <p className="mt-0.5 text-sm text-muted wrap-anywhere">{text}</p>
      </div>
      {children}
    </div>
  );
}
