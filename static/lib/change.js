import tell from "lib/notice"
import { reason, send } from "lib/request"
import { apply } from "turbo/render"

const UNREACHED = "The server is out of reach. Try again in a moment."

/** Has the server change something, and shows its answer, or why it refuses. */
export default async function change(url, method) {
  try {
    const response = await send(url, { method })
    if (response.ok) apply(await response.text())
    else tell(await reason(response))
  } catch {
    tell(UNREACHED)
  }
}
