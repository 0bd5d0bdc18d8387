import { withLinks } from "@/lib/text";

/** A text with its web addresses as links. */
export function LinkedText({ text }: { text: string }) {
  return withLinks(text).map((piece, index) =>
    typeof piece === "string" ? (
      piece
    ) : (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: the pieces have no identity
        key={index}
        href={piece.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        className="relative z-1 text-accent underline underline-offset-2"
      >
        {piece.href}
      </a>
    ),
  );
}

/** The links of a text, below the field in which it is edited. */
export function Links({ text }: { text: string }) {
  const links = withLinks(text).flatMap((piece) => (typeof piece === "string" ? [] : piece.href));
  if (!links.length) return null;
  return (
    <p className="flex flex-wrap gap-x-4 text-sm wrap-anywhere">
      <LinkedText text={[...new Set(links)].join(" ")} />
    </p>
  );
}
