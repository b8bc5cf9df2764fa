import { morphChildren } from "@hotwired/turbo"
import { getPage } from "lib/request"

const SOON = 200 // ms in which further changes come

/**
 * Reads `element` again from the page at `address` when `news()` has changed; `attributes` of the list of chats tell.
 */
export default class ListFollower {
  constructor({ element, address, attributes, news }) {
    Object.assign(this, { element, address, attributes, news })
  }

  start() {
    this.told = this.news()
    this.changes = new MutationObserver(() => this.changed())
    const chats = document.querySelector(".sidebar__chats")
    if (chats) this.changes.observe(chats, { childList: true, subtree: true, attributeFilter: this.attributes })
  }

  stop() {
    this.changes.disconnect()
    clearTimeout(this.timer)
  }

  changed() {
    const news = this.news()
    if (news === this.told) return
    this.told = news
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.renew(), SOON)
  }

  async renew() {
    const page = await getPage(this.address).catch(() => null)
    const fresh = page?.getElementById(this.element.id)
    if (fresh && this.element.isConnected) morphChildren(this.element, document.importNode(fresh, true))
  }
}
