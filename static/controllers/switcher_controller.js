import { Controller } from "@hotwired/stimulus"
import { visit } from "@hotwired/turbo"
import findChats from "lib/chat_finder"
import { isDialogOpen } from "lib/dialogs"
import { isMain } from "lib/keys"
import { shownTitle } from "lib/people_names"
import { currentUserId } from "lib/session"

const SHOWN = 12

// Goes to another chat by a few letters of its title, or searches all messages for the typed text. The chats are those
// of the live list on the same page.
export default class extends Controller {
  static targets = ["input", "list", "none"]
  static values = { search: String }

  pressed(event) {
    if (!isMain(event) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return
    if (isDialogOpen()) return
    event.preventDefault()
    this.element.showModal()
    this.dispatch("opened")
    this.find()
  }

  closed() {
    this.inputTarget.value = ""
    this.listTarget.replaceChildren()
  }

  closeOutside({ target }) {
    if (target === this.element) this.element.close()
  }

  find() {
    const typed = this.inputTarget.value.trim()
    const found = findChats(this.chats, typed).slice(0, SHOWN)
    this.listTarget.replaceChildren(...found.map(chatOption), searchOption(this.searchValue, typed))
    this.noneTarget.textContent = found.length ? "" : "No chat of yours has this name."
    this.select(this.options[0])
  }

  move(event) {
    if (event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (event.key === "Enter") this.open(this.selected)
    else if (step && this.options.length) this.select(this.options.at((this.options.indexOf(this.selected) + step) % this.options.length))
    else return
    event.preventDefault()
  }

  choose({ target }) {
    this.open(target.closest("[role=option]"))
  }

  open(chosen) {
    if (!chosen) return
    this.element.close()
    visit(chosen.dataset.href)
  }

  select(chosen) {
    for (const other of this.options) other.setAttribute("aria-selected", other === chosen)
    this.inputTarget.setAttribute("aria-activedescendant", chosen?.id ?? "")
    chosen?.scrollIntoView({ block: "nearest" })
  }

  get selected() {
    return this.options.find((element) => element.getAttribute("aria-selected") === "true")
  }

  get options() {
    return [...this.listTarget.children]
  }

  // The chats in the order of the list, which hides archived ones.
  get chats() {
    return [...document.querySelectorAll(".chats__item:not([hidden])")].map((item) => ({
      id: item.dataset.chatId,
      title: shownTitle(item.querySelector(".chats__title"), Number(currentUserId())),
      href: item.querySelector(".chats__link").href,
      unread: item.querySelector(".chats__unread").textContent.trim(),
    }))
  }
}

function chatOption({ id, title, href, unread }) {
  return option(`switcher_chat_${id}`, href, part("switcher__title", title), part("switcher__unread", unread))
}

function searchOption(address, typed) {
  const words = typed ? `Search messages for “${typed}”` : "Search messages"
  const element = option("switcher_search", `${address}?${new URLSearchParams(typed ? { q: typed } : {})}`, part("switcher__title", words))
  element.classList.add("switcher__chat--search")
  return element
}

function option(id, href, ...parts) {
  const element = document.createElement("li")
  Object.assign(element, { id, className: "switcher__chat", role: "option" })
  element.dataset.href = href
  element.append(...parts)
  return element
}

function part(className, text) {
  const element = document.createElement("span")
  Object.assign(element, { className, textContent: text, dir: "auto" })
  return element
}
