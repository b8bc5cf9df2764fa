import { Controller } from "@hotwired/stimulus"
import { nameDocument } from "lib/document_title"
import { titleOf } from "lib/people_names"
import { currentUserId } from "lib/session"

// Gives the document the title that the page's header shows, which may change while the page is open.
export default class extends Controller {
  static values = { text: String, people: Array }

  textValueChanged(text) {
    if (text) nameDocument(text)
  }

  // A direct chat is named by its people, without the reader.
  peopleValueChanged(people) {
    if (people.length) nameDocument(titleOf(people, Number(currentUserId())))
  }
}
