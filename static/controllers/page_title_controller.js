import { Controller } from "@hotwired/stimulus"

// Gives the document the title that the page's header shows, which may change while one looks at it.
export default class extends Controller {
  static values = { text: String }

  textValueChanged(text) {
    const unread = document.title.match(/^\(\d+\) /)?.[0] ?? ""
    document.title = `${unread}${text} · Plainwire`
  }
}
