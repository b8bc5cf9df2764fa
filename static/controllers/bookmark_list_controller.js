import { Controller } from "@hotwired/stimulus"
import { morphChildren } from "@hotwired/turbo"
import { getPage } from "lib/request"

const SOON = 100 // ms in which further changes come
const FOLLOWED = ["data-bookmarks"]

// The page of the reader's bookmarks. It is read again when the list of chats tells of a change of them.
export default class extends Controller {
  static values = { address: String }

  connect() {
    this.changes = new MutationObserver(() => this.changed())
    const chats = document.querySelector(".sidebar__chats")
    if (chats) this.changes.observe(chats, { childList: true, subtree: true, attributeFilter: FOLLOWED })
    this.told = this.news
  }

  disconnect() {
    this.changes.disconnect()
    clearTimeout(this.timer)
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

  get news() {
    const marks = [...document.querySelectorAll("[data-lists] [data-bookmarks]")]
    return marks.map(({ id, dataset }) => `${id} ${dataset.bookmarks}`).sort().join()
  }
}
