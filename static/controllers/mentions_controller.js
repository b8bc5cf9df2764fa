import { Controller } from "@hotwired/stimulus"
import { morphChildren } from "@hotwired/turbo"
import { getPage, send } from "lib/request"

const SOON = 200 // ms in which further changes come
const FOLLOWED = ["data-revision", "data-for-all"]

// The list of what mentions the reader. It is read again when the list of chats tells of another mention, and reported as
// seen when it is shown in a visible tab.
export default class extends Controller {
  static targets = ["form"]
  static values = { address: String }

  connect() {
    this.changes = new MutationObserver(() => this.changed())
    const chats = document.querySelector(".sidebar__chats")
    if (chats) this.changes.observe(chats, { childList: true, subtree: true, attributeFilter: FOLLOWED })
    this.told = this.news
    document.addEventListener("visibilitychange", this.look)
  }

  disconnect() {
    this.changes.disconnect()
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.look)
  }

  formTargetConnected() {
    this.look()
  }

  look = async () => {
    if (document.hidden || !this.hasFormTarget) return
    const form = this.formTarget
    const id = form.elements.message_id.value
    form.hidden = true
    if (this.looked === id) return
    this.looked = id
    const answer = await send(form.action, { fields: { message_id: id } }).catch(() => null)
    if (!answer?.ok) this.looked = form.hidden = null
  }

  changed() {
    if (this.news === this.told) return
    this.told = this.news
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.renew(), SOON)
  }

  async renew() {
    const page = await getPage(this.addressValue).catch(() => null)
    const fresh = page?.getElementById(this.element.id)
    if (fresh && this.element.isConnected) morphChildren(this.element, document.importNode(fresh, true))
  }

  // Marks are stamped with each change of a mention, also of an older one.
  get news() {
    const lines = [...document.querySelectorAll("[data-lists] > [data-chat-id]")]
    return lines.map((line) => {
      const { mentionedId, revision } = line.querySelector("[data-read-id]").dataset
      return [line.dataset.chatId, mentionedId, revision, line.querySelector("[data-head]").dataset.forAll].join()
    }).sort().join(" ")
  }
}
