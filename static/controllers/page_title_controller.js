import { Controller } from "@hotwired/stimulus"
import { nameDocument } from "lib/document_title"

// Gives the document the title that the page's header shows, which may change while one looks at it.
export default class extends Controller {
  static values = { text: String }

  textValueChanged(text) {
    nameDocument(text)
  }
}
