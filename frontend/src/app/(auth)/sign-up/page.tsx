import type { Metadata } from "next";
import { SignUp } from "@/components/sign-up";

export const metadata: Metadata = { title: "Create an account" };

export default function SignUpPage() {
  return <SignUp />;
}
