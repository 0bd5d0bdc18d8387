import type { Metadata } from "next";
import { ApiKeys } from "@/components/account/api-keys";
import { Calendar } from "@/components/account/calendar";
import { ConnectedAgents } from "@/components/account/connected-agents";
import { Email } from "@/components/account/email";
import { Erase } from "@/components/account/erase";
import { Export } from "@/components/account/export";
import { Password } from "@/components/account/password";
import { Profile } from "@/components/account/profile";
import { Section } from "@/components/account/section";
import { Sessions } from "@/components/account/sessions";
import { CAN_SEND_MAIL } from "@/lib/mail";

export const metadata: Metadata = { title: "Account" };

const SECTIONS = [
  {
    id: "profile",
    title: "Profile",
    text: "Agents that you connect see your name, too.",
    Content: Profile,
  },
  {
    id: "email",
    title: "Email",
    text: "You sign in with this address.",
    Content: () => <Email canChange={CAN_SEND_MAIL} />,
  },
  {
    id: "password",
    title: "Password",
    text: "Choose one that you use nowhere else.",
    Content: Password,
  },
  {
    id: "sessions",
    title: "Sessions",
    text: "The browsers in which you are signed in.",
    Content: Sessions,
  },
  {
    id: "agents",
    title: "Connected agents",
    text: "Assistants and other apps that you allowed to use your tasks.",
    Content: ConnectedAgents,
  },
  {
    id: "keys",
    title: "API keys",
    text: "For your own scripts. A key gives access to your tasks, but not to your account.",
    Content: ApiKeys,
  },
  {
    id: "export",
    title: "Export",
    text: "Download what is stored about you.",
    Content: Export,
  },
  {
    id: "calendar",
    title: "Calendar feed",
    text: "Shows your open tasks with a due date in a calendar program, and keeps them up to date.",
    Content: Calendar,
  },
  {
    id: "erase",
    title: "Erase account",
    text: "Erases everything that is yours.",
    danger: true,
    Content: Erase,
  },
] as const;

export default function AccountPage() {
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Account</h1>
      <nav aria-label="Sections" className="mt-3 mb-8 flex flex-wrap gap-x-5 text-sm">
        {SECTIONS.map(({ id, title }) => (
          <a key={id} href={`#${id}`} className="py-1.5 text-muted hover:text-ink hover:underline">
            {title}
          </a>
        ))}
      </nav>
      {SECTIONS.map(({ Content, ...section }) => (
        <Section key={section.id} {...section}>
          <Content />
        </Section>
      ))}
    </>
  );
}
