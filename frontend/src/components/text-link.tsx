import Link from "next/link";
import type { ComponentProps } from "react";

export function TextLink({ className = "", ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      className={`font-medium text-accent underline underline-offset-4 ${className}`}
      {...rest}
    />
  );
}
