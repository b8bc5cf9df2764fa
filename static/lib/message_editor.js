import { apply } from "turbo/render"
import { getPage, reason, send } from "lib/request"

/** Changes one message through its edit page, at `url`: takes the content and the address of that page's form. */
export default class MessageEditor {
  static async open(url) {
    const page = await getPage(url)
    const input = page.querySelector("textarea[name=content]")
    return { url, content: input.value, action: input.form.getAttribute("action") }
  }

  /** Resolves to "" when saved, otherwise to the reason. Rejects as `send` does. */
  static async save({ action, content }) {
    const response = await send(action, { method: "PATCH", fields: { content } })
    if (!response.ok) return reason(response)
    apply(await response.text())
    return ""
  }
}
